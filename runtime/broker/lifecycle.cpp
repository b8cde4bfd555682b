#include "broker/lifecycle.hpp"

#include "broker/attachments.hpp"
#include "broker/backlog.hpp"
#include "broker/planted_bug.hpp"
#include "broker/queues.hpp"
#include "broker/reply.hpp"
#include "broker/runs.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

void lift_deadline(world& w, job_id id, running& run) {
    if (run.deadline != no_deadline) w.deadlines.erase({run.deadline, id});
    run.deadline = no_deadline;
}

// The caller gives the job a new phase, or erases it.
void leave_worker(world& w, slot at) {
    job& j = w.jobs[at];
    running& run = std::get<running>(j.phase);
    lift_deadline(w, j.id, run);
    remove(w.connections[run.worker].running, at, w.links_in_worker());
    --w.functions[j.function].running;
    --w.jobs_running;
    come_to_rest(w, run.worker);
}

// Takes the job out of whatever its phase put it into.
void leave_phase(world& w, slot at) {
    job& j = w.jobs[at];
    if (std::holds_alternative<running>(j.phase)) return leave_worker(w, at);
    if (std::holds_alternative<queued>(j.phase) || std::holds_alternative<lined_up>(j.phase)) leave_queue(w, at);
    if (const auto* const later = std::get_if<scheduled>(&j.phase)) w.schedule.erase({later->run_at, j.id});
    --w.functions[j.function].waiting_at(j.priority);
}

void forget_record(world& w, job& j) {
    if (j.kept != durability::memory) w.effects.forget(j.id);
    j.kept = durability::memory;
}

// The job has ended, but its worker does not know.
void discard(world& w, slot at) {
    job& j = w.jobs[at];
    running& run = std::get<running>(j.phase);
    lift_deadline(w, j.id, run);
    run.discarded = true;
    detach_all(w, at);
    forget_record(w, j);
    j.background = false;
    w.jobs.drop_payload(at);
    j.log.reset();
    w.jobs.forget_key(at);
}

// The worker goes on with something that is the job no more.
void leave_behind(world& w, slot at) {
    job& j = w.jobs[at];
    running run = std::get<running>(j.phase);
    slot_list& all = w.connections[run.worker].running;
    lift_deadline(w, j.id, std::get<running>(j.phase));
    remove(all, at, w.links_in_worker());
    job husk;
    husk.id = job_id{w.next_job++};
    husk.function = j.function;
    husk.phase = running{.worker = run.worker, .in_worker = {}, .discarded = true, .stood_for = j.id};
    push_back(all, w.jobs.insert(std::move(husk)), w.links_in_worker());
    ++w.functions[w.jobs[at].function].waiting_at(w.jobs[at].priority);
}

// The job waits until it is tried again; the caller has taken it from its worker.
void postpone(world& w, slot at) {
    job& j = w.jobs[at];
    const backoff how = j.terms == nullptr ? backoff{} : j.terms->pause;
    const wall_time run_at = w.last.wall + pause_before_next(how, j.attempts, j.id);
    j.log.reset();
    j.phase = scheduled{run_at};
    w.schedule.emplace(run_at, j.id);
    w.effects.reschedule(record_of(w, at, run_at));
    w.scratch.payload = {};
    leave_delayed(w, at);
}

// Counts a failed attempt. Whether there may be another.
bool has_another_attempt(world& w, slot at) {
    job& j = w.jobs[at];
    ++j.attempts;
    return j.attempts < attempts_max(w, j);
}

void bury(world& w, slot at, const attempt_failure& why) {
    job& j = w.jobs[at];
    const auto* const run = std::get_if<running>(&j.phase);
    w.effects.bury(record_of(w, at), {.died = w.last.wall,
                                      .reason = why.reason,
                                      .worker = run == nullptr ? std::string() : name_of_worker(w, run->worker),
                                      .log = j.log == nullptr ? std::string_view{} : std::string_view{*j.log},
                                      .exception = why.exception});
    w.scratch.payload = {};
    settle_ended(w, at);
    j.kept = durability::memory;
    j.background = false;
}

bool may_be_retried(const world& w, const job& j) {
    return w.how.job_retries < 0 || j.retries < static_cast<std::uint32_t>(w.how.job_retries);
}

// It has lost more workers than it may. It does not go back to its queue, not even for a moment: a dead letter may come back under
// its number, and must find nothing of it there.
void lose(world& w, slot at) {
    const job& j = w.jobs[at];
    if (j.background) {
        const std::string reason = "it lost " + std::to_string(j.retries) + (j.retries == 1 ? " worker" : " workers");
        is_of_run(j) ? advance_run(w, at, protocol::visit_kind::lost, reason) : bury(w, at, {.reason = reason});
    }
    settle_ended(w, at);
    tell_failure(w, at);
    finish(w, at);
}

// The job has ended without its worker's doing, if one has it.
void end_failed(world& w, slot at, const std::optional<shared_bytes>& exception = {}) {
    settle_ended(w, at);
    tell_failure(w, at, exception);
    std::holds_alternative<running>(w.jobs[at].phase) ? discard(w, at) : finish(w, at);
}

}  // namespace

const job_record& record_of(world& w, slot at, wall_time run_at) {
    const job& j = w.jobs[at];
    w.scratch.id = j.id;
    w.scratch.function = w.functions[j.function].name;
    w.scratch.unique = j.unique;
    w.scratch.reducer = j.reducer == nullptr ? std::string_view{} : std::string_view{*j.reducer};
    w.scratch.priority = j.priority;
    w.scratch.run_at = run_at;
    w.scratch.attempts = j.attempts;
    w.scratch.losses = j.retries;
    w.scratch.terms.clear();
    if (j.terms != nullptr) w.scratch.terms = write_terms(*j.terms);
    w.scratch.payload = j.payload;
    return w.scratch;
}

slot create(world& w, new_job&& what) {
    job made;
    made.id = job_id{w.next_job++};
    made.payload = std::move(what.payload);
    made.unique = what.unique;
    if (!what.reducer.empty()) made.reducer = std::make_unique<const std::string>(what.reducer);
    made.function = what.function;
    made.priority = what.priority;
    made.background = what.background;
    if (what.terms != job_terms{}) made.terms = std::make_unique<const job_terms>(what.terms);
    if (what.background) made.phase = uncommitted{what.run_at};
    const slot at = w.jobs.insert(std::move(made));
    ++w.functions[what.function].waiting_at(what.priority);
    if (what.background) {
        make_durable(w, at);
    } else {
        join_queue(w, at);
    }
    return at;
}

job job_of(world& w, const job_record& record) {
    job known;
    known.id = record.id;
    known.payload = record.payload;
    known.unique = record.unique;
    if (!record.reducer.empty()) known.reducer = std::make_unique<const std::string>(record.reducer);
    known.function = w.functions.intern(record.function);
    known.priority = record.priority;
    known.background = true;
    known.retries = record.losses;
    known.attempts = record.attempts;
    if (const auto terms = read_terms(record.terms); terms && *terms != job_terms{}) {
        known.terms = std::make_unique<const job_terms>(*terms);
    }
    known.kept = durability::stored;
    known.phase = uncommitted{record.run_at};
    return known;
}

void make_durable(world& w, slot at) {
    job& j = w.jobs[at];
    j.background = true;
    j.kept = durability::storing;
    const auto* const waiting = std::get_if<uncommitted>(&j.phase);
    w.effects.persist(record_of(w, at, waiting == nullptr ? wall_time{} : waiting->run_at));
    w.scratch.payload = {};
}

void release(world& w, slot at, wall_time run_at) {
    job& j = w.jobs[at];
    if (run_at <= w.last.wall) {
        const slot function = j.function;
        const auto* const waited = std::get_if<uncommitted>(&j.phase);
        waited != nullptr && !waited->revived ? join_queue_by_age(w, at) : join_queue(w, at);
        wake_for(w, function);
    } else {
        j.phase = scheduled{run_at};
        w.schedule.emplace(run_at, j.id);
        leave_delayed(w, at);
    }
}

void assign(world& w, slot at, connection_id worker, std::optional<std::chrono::milliseconds> timeout) {
    leave_queue(w, at);
    job& j = w.jobs[at];
    running run{.worker = worker, .in_worker = {}};
    if (timeout) {
        run.deadline = w.last.steady + *timeout;
        w.deadlines.emplace(run.deadline, j.id);
    }
    j.phase = run;
    push_back(w.connections[worker].running, at, w.links_in_worker());
    --w.functions[j.function].waiting_at(j.priority);
    ++w.functions[j.function].running;
    ++w.jobs_running;
}

void give_back(world& w, slot at) {
    job& j = w.jobs[at];
    if (is_discarded(j) || !is_wanted(j)) return finish(w, at);
    const bool is_loss = !w.ending && !w.connections[std::get<running>(j.phase).worker].leaves;
    if (is_loss) ++j.retries;
    if (is_loss && !may_be_retried(w, j)) return lose(w, at);
    leave_worker(w, at);
    ++w.functions[j.function].waiting_at(j.priority);
    const slot function = j.function;
    if (j.background && is_loss) {
        w.effects.reschedule(record_of(w, at));
        w.scratch.payload = {};
    }
    join_queue(w, at);
    if (is_planted(planted_bug::lost_wake_up)) return;
    wake_for(w, function);
}

void finish(world& w, slot at) {
    detach_all(w, at);
    leave_phase(w, at);
    forget_record(w, w.jobs[at]);
    w.jobs.erase(at);
}

bool try_again(world& w, slot at, const attempt_failure& why) {
    if (is_of_run(w.jobs[at])) {  // whose plan says what then
        using enum protocol::visit_kind;
        advance_run(w, at, why.exception.empty() ? failed : exception, why.exception.view());
        return false;
    }
    if (!has_another_attempt(w, at)) {
        bury(w, at, why);
        return false;
    }
    leave_worker(w, at);
    ++w.functions[w.jobs[at].function].waiting_at(w.jobs[at].priority);
    postpone(w, at);
    return true;
}

void complete(world& w, slot at, const protocol::packet_view& packet) {
    job& j = w.jobs[at];
    if (is_of_run(j)) {
        advance_run(w, at, protocol::visit_kind::answer, packet.data);
        return finish(w, at);
    }
    const auto keep = j.terms != nullptr && j.terms->keep ? *j.terms->keep : w.how.result_keep;
    if (j.background && keep.count() > 0) {
        const bool fits = packet.data.size() <= w.how.result_bytes_max;
        w.effects.complete(record_of(w, at), {.ended = w.last.wall,
                                              .expires = w.last.wall + keep,
                                              .bytes = packet.data.size(),
                                              .data = fits ? packet.share_data() : shared_bytes{}});
        w.scratch.payload = {};
        settle_ended(w, at);
        j.kept = durability::memory;
        j.background = false;
    }
    finish(w, at);
}

std::uint32_t attempts_max(const world& w, const job& j) noexcept {
    const std::uint32_t own = j.terms == nullptr ? 0 : j.terms->attempts;
    return own != 0 ? own : std::max<std::uint32_t>(w.how.background_attempts, 1);
}

std::string name_of_worker(const world& w, connection_id worker) {
    const connection& peer = w.connections[worker];
    const bool is_named = !peer.client_id.empty() && peer.client_id != "-";  // as "workers" prints those without
    return is_named ? peer.client_id + " at " + peer.address : peer.address;
}

void cut_off(world& w, slot at, const attempt_failure& why) {
    if (is_of_run(w.jobs[at])) advance_run(w, at, protocol::visit_kind::lost, why.reason);
    if (w.jobs[at].background) {
        if (has_another_attempt(w, at)) {
            leave_behind(w, at);
            return postpone(w, at);
        }
        bury(w, at, why);
    }
    const bool has_words = !why.exception.empty();
    end_failed(w, at, has_words ? std::optional(why.exception) : std::nullopt);
}

void cancel(world& w, slot at) {
    if (is_of_run(w.jobs[at])) advance_run(w, at, protocol::visit_kind::lost, "somebody cancelled it");
    end_failed(w, at);
}

void tell_failure(world& w, slot at, const std::optional<shared_bytes>& exception) {
    using enum protocol::packet_type;
    const handle_text handle = w.handle_of(w.jobs[at]);
    for_each_client(w, at, [&](connection_id client) {
        if (!exception || !w.connections[client].exceptions) return send<work_fail>(w, client, handle);
        send<work_exception>(w, client, handle, *exception);
    });
}

void drop_if_unwanted(world& w, slot at) {
    const job& j = w.jobs[at];
    if (!is_wanted(j) && !std::holds_alternative<running>(j.phase)) finish(w, at);
}

}  // namespace sheaf::broker
