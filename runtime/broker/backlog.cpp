#include "broker/backlog.hpp"

#include <algorithm>
#include <vector>

#include "broker/absentees.hpp"
#include "broker/lifecycle.hpp"
#include "broker/queues.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

// What the jobs of one queue that stay in memory may take, about.
constexpr std::size_t queue_bytes = std::size_t{4} << 20;
constexpr std::size_t queue_jobs_least = 2;

// How long to wait before a store that could not answer is asked again.
constexpr std::chrono::seconds load_pause{1};

void take_front(line& all) {
    all.bytes -= all.bytes / all.numbers.size();
    all.numbers.pop_front();
}

void make_ready(world& w, slot at) {
    job& j = w.jobs[at];
    j.phase = queued{};
    push_back(w.functions[j.function].ready_at(j.priority), at, w.links_in_function());
}

// Jobs in memory that are at the front of the line; numbers of jobs that have ended go. False when there was none.
bool take_present(world& w, line& all) {
    bool any = false;
    while (!all.numbers.empty()) {
        const job_id id{all.numbers.front()};
        const slot at = w.jobs.find(id);
        const bool is_here = at != no_slot && !w.jobs[at].hollow;
        if (!is_here && (at != no_slot || w.absent.find(id))) break;
        take_front(all);
        if (!is_here) continue;
        make_ready(w, at);
        any = true;
    }
    return any;
}

// So many that the list is as long as it was before, if they are as large as others are.
std::size_t jobs_to_load(const world& w, const line& all) {
    const std::size_t each = static_cast<std::size_t>(all.bytes / all.numbers.size()) + 1;
    const std::size_t most = std::max<std::size_t>(jobs_in_memory(w) / 2, 1);
    return std::clamp<std::size_t>(queue_bytes / 2 / each, 1, most);
}

void ask(world& w, slot function, protocol::priority priority, line& all) {
    const std::size_t most = jobs_to_load(w, all);
    std::vector<job_id> wanted;
    std::size_t asked = 0;
    for (auto at = all.numbers.begin(); at != all.numbers.end() && wanted.size() < most; ++at, ++asked) {
        const job_id id{*at};
        const slot here = w.jobs.find(id);
        if (here == no_slot ? w.absent.find(id).has_value() : w.jobs[here].hollow) wanted.push_back(id);
    }
    all.asked = asked;
    all.asked_by = w.next_load++;
    w.loads.emplace(all.asked_by, std::pair(function, priority));
    w.effects.load(all.asked_by, wanted);
}

// Puts what the store has told of a job into the list of its queue; it is absent, or hollow.
void bring_back(world& w, const job_record& row, slot function, protocol::priority priority) {
    job whole = job_of(w, row);
    whole.function = function;
    whole.priority = priority;
    if (const auto key = w.keys_of_absent.digest(whole.function, whole.unique, whole.payload.view())) {
        w.keys_of_absent.erase(*key, whole.id);
    }
    slot at = w.jobs.find(row.id);
    if (at == no_slot) {
        w.absent.erase(row.id);
        at = w.jobs.insert(std::move(whole));
    } else {
        w.jobs.fill(at, std::move(whole));
    }
    make_ready(w, at);
}

// The store does not know a job that it was to keep.
void lose(world& w, job_id id) {
    w.effects.missing(id);
    cancel(w, summon(w, id));
}

// The rest of what was asked for, from the front of the line, joins the list; stops where the store has stopped.
void take_loaded(world& w, slot function, protocol::priority priority, line& all, std::span<const job_record> rows) {
    const bool has_any = !rows.empty();
    // Until it is 0, nobody else asks for more, or drops the line.
    for (; all.asked != 0; --all.asked) {
        const job_id id{all.numbers.front()};
        const slot at = w.jobs.find(id);
        const bool is_wanted = at == no_slot ? w.absent.find(id).has_value() : w.jobs[at].hollow;
        const bool is_told = !rows.empty() && rows.front().id == id;
        if (is_wanted && !is_told && rows.empty() && has_any) break;
        take_front(all);
        if (is_wanted) {
            is_told ? bring_back(w, rows.front(), function, priority) : lose(w, id);
        } else if (at != no_slot) {
            make_ready(w, at);
        }
        if (is_told) rows = rows.subspan(1);
    }
    all.asked = 0;
}

// The line that waits for it; null when nobody does any more.
line* line_that_asked(world& w, load_ticket name, std::pair<slot, protocol::priority>& where) {
    const auto found = w.loads.find(name);
    if (found == w.loads.end()) return nullptr;
    where = found->second;
    w.loads.erase(found);
    if (!w.functions.contains(where.first)) return nullptr;
    line* const all = w.functions[where.first].lines[static_cast<std::size_t>(where.second)].get();
    return all != nullptr && all->asked_by == name ? all : nullptr;
}

bool is_later(const std::pair<wall_time, job_id>& a, const std::pair<wall_time, job_id>& b) { return a > b; }

}  // namespace

std::size_t jobs_in_memory(const world& w) {
    if (w.jobs.size() == 0) return w.how.queue_jobs_min;
    const std::size_t each = w.jobs.bytes() / w.jobs.size();
    return std::clamp<std::size_t>(queue_bytes / std::max<std::size_t>(each, 1), queue_jobs_least,
                                   std::max(w.how.queue_jobs_min, queue_jobs_least));
}

bool may_leave(const world& w, const job& j) {
    if (is_of_run(j)) return false;  // the run has to find its jobs
    return w.jobs.bytes() > w.how.queue_bytes_max && j.kept == durability::stored && j.attachments.empty() && !j.hollow;
}

void leave_memory(world& w, slot at) {
    const job& j = w.jobs[at];
    w.absent.put(
        j.id, {.function = j.function, .priority = j.priority, .delayed = std::holds_alternative<scheduled>(j.phase)});
    if (const auto key = w.keys_of_absent.digest(j.function, j.unique, j.payload.view())) {
        w.keys_of_absent.put(*key, j.id);
    }
    w.jobs.erase(at);
}

void leave_delayed(world& w, slot at) {
    const job& j = w.jobs[at];
    if (!may_leave(w, j)) return;
    const std::pair when{std::get<scheduled>(j.phase).run_at, j.id};
    w.schedule.erase(when);
    w.absent_schedule.push_back(when);
    std::push_heap(w.absent_schedule.begin(), w.absent_schedule.end(), is_later);
    leave_memory(w, at);
}

void refill(world& w, slot function, protocol::priority priority) {
    struct function& f = w.functions[function];
    std::unique_ptr<line>& all = f.lines[static_cast<std::size_t>(priority)];
    if (all == nullptr || all->asked != 0) return;
    bool is_more = take_present(w, *all);
    if (all->numbers.empty()) {
        all.reset();
        is_more = true;  // less urgent jobs need not wait for these any more
    } else if (!all->paused && f.ready_at(priority).size <= jobs_in_memory(w) / 2) {
        ask(w, function, priority, *all);
    }
    if (is_more) w.to_wake.push_back(function);
}

void on_loaded(world& w, load_ticket name, std::span<const job_record> rows) {
    std::pair<slot, protocol::priority> where;
    line* const all = line_that_asked(w, name, where);
    if (all == nullptr) return;
    take_loaded(w, where.first, where.second, *all, rows);
    w.to_wake.push_back(where.first);
    refill(w, where.first, where.second);
}

void on_load_failed(world& w, load_ticket name) {
    std::pair<slot, protocol::priority> where;
    line* const all = line_that_asked(w, name, where);
    if (all == nullptr) return;
    all->asked = 0;
    all->paused = true;
    if (!w.load_again) w.load_again = w.last.steady + load_pause;
}

void retry_loads(world& w) {
    if (!w.load_again || *w.load_again > w.last.steady) return;
    w.load_again.reset();
    std::vector<std::pair<slot, protocol::priority>> paused;
    w.functions.for_each([&](slot at, const function& f) {
        for (std::size_t p = 0; p < protocol::priority_count; ++p) {
            if (f.lines[p] == nullptr || !std::exchange(f.lines[p]->paused, false)) continue;
            paused.emplace_back(at, static_cast<protocol::priority>(p));
        }
    });
    for (const auto& [function, priority] : paused) refill(w, function, priority);
}

void wake_refilled(world& w) {
    while (!w.to_wake.empty()) {
        const slot function = w.to_wake.back();
        w.to_wake.pop_back();
        if (w.functions.contains(function)) wake_for(w, function);
    }
}

bool has_absent_due(const world& w) {
    return !w.absent_schedule.empty() && w.absent_schedule.front().first <= w.last.wall;
}

void release_absent_due(world& w) {
    const job_id id = w.absent_schedule.front().second;
    std::pop_heap(w.absent_schedule.begin(), w.absent_schedule.end(), is_later);
    w.absent_schedule.pop_back();
    if (const slot at = w.jobs.find(id); at != no_slot) {
        const auto* const later = std::get_if<scheduled>(&w.jobs[at].phase);
        if (later != nullptr && later->run_at == known_elsewhere) release(w, at, {});
        return;
    }
    const auto place = w.absent.find(id);
    if (!place || !place->delayed) return;
    w.absent.put(id, {.function = place->function, .priority = place->priority, .delayed = false});
    std::unique_ptr<line>& all = w.functions[place->function].lines[static_cast<std::size_t>(place->priority)];
    if (all == nullptr) all = std::make_unique<line>();
    all->numbers.push_back(id.value());
    refill(w, place->function, place->priority);
}

}  // namespace sheaf::broker
