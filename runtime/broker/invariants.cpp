#include "broker/invariants.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "broker/runs.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

// Walks a list and calls `visit` for each member; aborts when its links or its size are wrong.
template <class LinksOf, class Visit>
void walk(const slot_list& list, LinksOf&& links_of, Visit&& visit) {
    slot previous = no_slot;
    std::size_t count = 0;
    for (slot at = list.first; at != no_slot; at = links_of(at).next) {
        SHEAF_ASSERT(links_of(at).previous == previous, "links agree in both directions");
        visit(at);
        previous = at;
        ++count;
        SHEAF_ASSERT(count <= list.size, "a list has no loop");
    }
    SHEAF_ASSERT(list.last == previous && list.size == count, "a list knows its end and its size");
}

struct function_sums {
    std::size_t running = 0;
    std::size_t workers = 0;
    std::size_t woken = 0;
    std::size_t sleepers = 0;
    std::size_t open_grabs = 0;
    by_priority<std::size_t> waiting{};
    by_priority<std::size_t> ready{};
    by_priority<std::set<job_id::number_type>> lined_up;
};

class checker {
  public:
    explicit checker(const world& w) : w_(w) {}

    void check() {
        w_.jobs.check_invariants();
        w_.jobs.for_each([&](slot at, const job& j) { check_job(at, j); });
        w_.connections.for_each([&](connection_id id, const connection& c) { check_connection(id, c); });
        add_absent();
        w_.functions.for_each([&](slot at, const function& f) { check_function(at, f); });
        SHEAF_ASSERT(running_ == w_.jobs_running && on_workers_ == running_, "every running job is on a worker's list");
        SHEAF_ASSERT(scheduled_ == w_.schedule.size(), "only scheduled jobs are in the schedule");
        SHEAF_ASSERT(timed_ == w_.deadlines.size(), "only running jobs have deadlines");
        SHEAF_ASSERT(attached_ == w_.attachments.size(), "every attachment is on a job's list");
        SHEAF_ASSERT(attached_to_connections_ == attached_, "every attachment is on a connection's list");
        SHEAF_ASSERT(questions_ == w_.questions.size(), "every question is known by its connection");
        SHEAF_ASSERT(abilities_ == w_.abilities.size(), "every ability belongs to a connection");
        check_woken();
        check_absent();
        check_runs();
    }

  private:
    [[nodiscard]] auto links_in_job() const {
        return [this](slot a) -> const links& { return w_.attachments[a].in_job; };
    }
    [[nodiscard]] auto links_in_connection() const {
        return [this](slot a) -> const links& { return w_.attachments[a].in_connection; };
    }
    [[nodiscard]] auto links_in_worker() const {
        return [this](slot j) -> const links& { return std::get<running>(w_.jobs[j].phase).in_worker; };
    }
    [[nodiscard]] auto links_in_function() const {
        return [this](slot j) -> const links& { return std::get<queued>(w_.jobs[j].phase).in_function; };
    }
    [[nodiscard]] auto links_in_sleepers() const {
        return [this](slot a) -> const links& { return w_.abilities[a].in_sleepers; };
    }
    [[nodiscard]] auto links_in_woken() const {
        return
            [this](slot c) -> const links& { return std::get<woken>(w_.connections[connection_id{c}].sleep).in_woken; };
    }

    function_sums& sums_of(slot f) {
        SHEAF_ASSERT(f != no_slot, "a function is named");
        return sums_[f];
    }

    void check_job(slot at, const job& j) {
        SHEAF_ASSERT(j.id.value() != 0 && j.id.value() < w_.next_job, "numbers are given in order");
        if (is_of_run(j)) ++of_runs_;
        const auto priority = static_cast<std::size_t>(j.priority);
        if (const auto* const run = std::get_if<running>(&j.phase)) {
            ++running_;
            ++sums_of(j.function).running;
            check_running(at, j, *run);
        } else {
            ++sums_of(j.function).waiting[priority];
            SHEAF_ASSERT(is_wanted(j), "nobody's job does not wait");
        }
        if (std::holds_alternative<queued>(j.phase)) ++sums_of(j.function).ready[priority];
        if (std::holds_alternative<lined_up>(j.phase)) sums_of(j.function).lined_up[priority].insert(j.id.value());
        check_hollow(j);
        if (std::holds_alternative<uncommitted>(j.phase)) {
            SHEAF_ASSERT(j.kept == durability::storing, "an uncommitted job is with the store");
        }
        const auto* const later = std::get_if<scheduled>(&j.phase);
        if (later != nullptr && later->run_at != known_elsewhere) {
            ++scheduled_;
            SHEAF_ASSERT(j.kept == durability::stored || j.attempts != 0,
                         "a job has been stored before it waits for its time");
            SHEAF_ASSERT(w_.schedule.contains({later->run_at, j.id}), "a scheduled job is in the schedule");
        }
        SHEAF_ASSERT(j.background == (j.kept != durability::memory), "background jobs are durable, others are not");
        check_attachments(at, j);
    }

    void check_hollow(const job& j) const {
        if (!j.hollow) return;
        SHEAF_ASSERT(j.kept == durability::stored && !j.indexed, "what a hollow job lacks is in the store");
        SHEAF_ASSERT(std::holds_alternative<lined_up>(j.phase) || std::holds_alternative<scheduled>(j.phase),
                     "a hollow job is brought back before it is handed out");
    }

    // Before the functions, whose sums these belong to.
    void add_absent() {
        w_.absent.for_each([&](job_id id, const absent_place& place) {
            SHEAF_ASSERT(id.value() < w_.next_job && w_.jobs.find(id) == no_slot, "an absent job is not here");
            function_sums& sums = sums_of(place.function);
            ++sums.waiting[static_cast<std::size_t>(place.priority)];
            if (!place.delayed) sums.lined_up[static_cast<std::size_t>(place.priority)].insert(id.value());
        });
    }

    void check_absent() const {
        std::set<job_id> delayed;
        for (const auto& [when, id] : w_.absent_schedule) delayed.insert(id);
        const auto is_watched = [&](job_id id) { return delayed.contains(id); };
        w_.absent.for_each([&](job_id id, const absent_place& place) {
            SHEAF_ASSERT(!place.delayed || is_watched(id), "an absent job's time is watched");
        });
        w_.jobs.for_each([&](slot, const job& j) {
            const auto* const later = std::get_if<scheduled>(&j.phase);
            SHEAF_ASSERT(later == nullptr || later->run_at != known_elsewhere || is_watched(j.id),
                         "a hollow job's time is watched");
        });
        SHEAF_ASSERT(w_.to_wake.empty(), "nobody is left to be woken");
    }

    // Nothing waits in a line in vain.
    void check_line(const function& f, std::size_t p, const std::set<job_id::number_type>& members) const {
        const line* const all = f.lines[p].get();
        if (all == nullptr) return SHEAF_ASSERT(members.empty(), "who waits in a line is in one");
        const std::set<job_id::number_type> numbers(all->numbers.begin(), all->numbers.end());
        SHEAF_ASSERT(numbers.size() == all->numbers.size(), "a job is in a line once");
        SHEAF_ASSERT(std::includes(numbers.begin(), numbers.end(), members.begin(), members.end()),
                     "a line has all its jobs");
        SHEAF_ASSERT(!numbers.empty() && all->asked <= numbers.size(), "a line ends when its last job has left it");
        SHEAF_ASSERT(all->asked == 0 || w_.loads.contains(all->asked_by), "what the store was asked for is awaited");
        SHEAF_ASSERT(all->asked != 0 || all->paused || f.ready[p].size != 0,
                     "the store is asked before a list is empty");
        SHEAF_ASSERT(!all->paused || w_.load_again, "a store that could not answer is asked again");
    }

    void check_running(slot, const job& j, const running& run) {
        SHEAF_ASSERT(w_.connections.contains(run.worker), "a running job has a worker");
        if (run.deadline != no_deadline) {
            ++timed_;
            SHEAF_ASSERT(w_.deadlines.contains({run.deadline, j.id}), "a deadline is watched");
        }
        if (run.discarded) {
            SHEAF_ASSERT(!j.indexed && !j.background && j.attachments.empty(), "nobody sees a discarded job");
        }
    }

    void check_attachments(slot at, const job& j) {
        std::size_t clients = 0;
        walk(j.attachments, links_in_job(), [&](slot a) {
            ++attached_;
            const attachment& one = w_.attachments[a];
            SHEAF_ASSERT(one.job == at, "an attachment is on its job's list");
            SHEAF_ASSERT(w_.connections.contains(one.connection), "an attachment has a connection");
            if (one.role != attachment_role::waiting_background) ++clients;
            if (one.role == attachment_role::client) return;
            SHEAF_ASSERT(j.kept == durability::storing, "only the store keeps acknowledgements waiting");
            SHEAF_ASSERT(!w_.connections[one.connection].holds.empty(), "a waiting acknowledgement is held");
        });
        SHEAF_ASSERT(clients == j.clients, "a job knows how many clients it has");
    }

    void check_connection(connection_id id, const connection& c) {
        const bool sleeps = std::holds_alternative<asleep>(c.sleep);
        const bool has_open_grab = std::holds_alternative<open_grab>(c.sleep);
        for (const slot a : c.abilities) {
            ++abilities_;
            SHEAF_ASSERT(w_.abilities[a].worker == id, "an ability belongs to its connection");
            function_sums& sums = sums_of(w_.abilities[a].function);
            ++sums.workers;
            if (sleeps) ++sums.sleepers;
            if (has_open_grab) ++sums.open_grabs;
        }
        if (const auto* const up = std::get_if<woken>(&c.sleep)) ++sums_of(up->function).woken;
        walk(c.running, links_in_worker(), [&](slot j) {
            ++on_workers_;
            SHEAF_ASSERT(std::get<running>(w_.jobs[j].phase).worker == id, "a worker's job runs on it");
        });
        std::size_t waiting = 0;
        walk(c.attachments, links_in_connection(), [&](slot a) {
            ++attached_to_connections_;
            SHEAF_ASSERT(w_.attachments[a].connection == id, "an attachment is on its connection's list");
            if (w_.attachments[a].role != attachment_role::client) ++waiting;
        });
        for (const service_ticket name : c.questions) {
            const open_question& asked = w_.questions.at(name);
            SHEAF_ASSERT(asked.from == id && c.questions.at(asked.place) == name, "a question knows its place");
            ++questions_;
            if (asked.created.value() == 0) ++waiting;
        }
        SHEAF_ASSERT(waiting <= c.holds.size(), "what waits is held");
        SHEAF_ASSERT(c.holds.empty() || waiting != 0, "nothing is held without something to wait for");
    }

    void check_runs() {
        std::size_t frames = 0;
        std::size_t jobs = 0;
        for (const auto& [number, r] : w_.runs.runs) {
            std::size_t of_this = 0;
            w_.runs.for_each_job(r, [&](job_id one) {
                ++of_this;
                SHEAF_ASSERT(is_of_run(w_.jobs[w_.jobs.find(one)]), "it is the run's");
            });
            jobs += of_this;
            frames += r.inside.frames.size();
            const bool goes_on = r.about.state == run_state::going;
            SHEAF_ASSERT(goes_on == (of_this != 0), "a run goes on as long as it has jobs");
            SHEAF_ASSERT(r.end_is_stored == w_.runs.ended.contains({r.about.expires, number}),
                         "a run is forgotten some day when the store has its end, and not before");
            SHEAF_ASSERT(w_.runs.by_name.at(r.about.name) == number, "a name leads to its run");
        }
        for (const auto& [number, one] : w_.runs.frames) {
            frames += one.inside.frames.size();
            const auto missing = std::ranges::count(one.settled, false);
            SHEAF_ASSERT(missing == one.missing && missing != 0, "a frame counts the parts that are to come");
            SHEAF_ASSERT(one.inside.jobs.size() + one.inside.frames.size() == one.missing,
                         "each part that is to come is made by one thing");
        }
        SHEAF_ASSERT(frames == w_.runs.frames.size(), "each frame is in a run or in one frame");
        SHEAF_ASSERT(jobs == of_runs_, "each job of a run is known to it");
    }

    void check_function(slot at, const function& f) {
        const function_sums& sums = sums_[at];
        SHEAF_ASSERT(w_.functions.find(f.name) == at, "a name leads to its function");
        SHEAF_ASSERT(sums.running == f.running, "a function counts its running jobs");
        SHEAF_ASSERT(sums.workers == f.workers, "a function counts its workers");
        SHEAF_ASSERT(sums.woken == f.woken, "a function counts those who were woken for it");
        SHEAF_ASSERT(sums.sleepers == f.sleepers.size, "a function lists all its sleepers");
        walk(f.sleepers, links_in_sleepers(), [&](slot a) {
            SHEAF_ASSERT(w_.abilities[a].function == at, "a sleeper can do the function");
            const connection& worker = w_.connections[w_.abilities[a].worker];
            SHEAF_ASSERT(std::holds_alternative<asleep>(worker.sleep), "a sleeper is asleep");
        });
        SHEAF_ASSERT(sums.open_grabs == f.open_grabs.size, "a function lists all the grabs that are open for it");
        walk(f.open_grabs, links_in_sleepers(), [&](slot a) {
            SHEAF_ASSERT(w_.abilities[a].function == at, "an open grab is for the function");
            const connection& worker = w_.connections[w_.abilities[a].worker];
            SHEAF_ASSERT(std::holds_alternative<open_grab>(worker.sleep), "an open grab is open");
        });
        for (std::size_t p = 0; p < protocol::priority_count; ++p) {
            SHEAF_ASSERT(sums.waiting[p] == f.waiting[p], "a function counts its waiting jobs");
            SHEAF_ASSERT(sums.ready[p] == f.ready[p].size, "a function lists all its runnable jobs");
            check_line(f, p, sums.lined_up[p]);
            walk(f.ready[p], links_in_function(), [&](slot j) {
                SHEAF_ASSERT(w_.jobs[j].function == at, "a queue holds jobs of its function");
                SHEAF_ASSERT(static_cast<std::size_t>(w_.jobs[j].priority) == p, "and of its priority");
            });
        }
        check_wake_up(f);
    }

    // The promise that no job waits beside a worker who could do it.
    void check_wake_up(const function& f) const {
        SHEAF_ASSERT(w_.draining || f.open_grabs.empty() || runnable_now(w_, f) == 0,
                     "no runnable job waits beside an open grab");
        if (w_.draining || f.sleepers.empty() || runnable_now(w_, f) == 0) return;
        SHEAF_ASSERT(w_.how.worker_wakeup != 0, "all sleepers were woken");
        SHEAF_ASSERT(f.woken >= runnable_now(w_, f) * w_.how.worker_wakeup, "each runnable job has woken someone");
    }

    void check_woken() const {
        steady_time previous = steady_time::min();
        walk(w_.woken_connections, links_in_woken(), [&](slot c) {
            const auto& up = std::get<woken>(w_.connections[connection_id{c}].sleep);
            SHEAF_ASSERT(up.patience_ends >= previous, "patience ends in order");
            previous = up.patience_ends;
        });
        std::size_t sum = 0;
        for (const auto& [at, sums] : sums_) sum += sums.woken;
        SHEAF_ASSERT(sum == w_.woken_connections.size, "everyone who was woken is watched");
    }

    const world& w_;
    std::map<slot, function_sums> sums_;
    std::size_t of_runs_ = 0;
    std::size_t running_ = 0;
    std::size_t on_workers_ = 0;
    std::size_t scheduled_ = 0;
    std::size_t timed_ = 0;
    std::size_t attached_ = 0;
    std::size_t attached_to_connections_ = 0;
    std::size_t questions_ = 0;
    std::size_t abilities_ = 0;
};

}  // namespace

void check_invariants(const world& w) { checker(w).check(); }

}  // namespace sheaf::broker
