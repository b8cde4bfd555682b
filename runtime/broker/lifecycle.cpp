#include "broker/lifecycle.hpp"

#include "broker/attachments.hpp"
#include "broker/planted_bug.hpp"
#include "broker/reply.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

void enqueue(world& w, slot at) {
    job& j = w.jobs[at];
    j.phase = queued{};
    push_back(w.functions[j.function].ready_at(j.priority), at, w.links_in_function());
}

// Before the jobs that were submitted after it: these may be runnable already, since the store does not keep foreground jobs.
void enqueue_by_age(world& w, slot at) {
    job& j = w.jobs[at];
    j.phase = queued{};
    slot_list& ready = w.functions[j.function].ready_at(j.priority);
    const auto links = w.links_in_function();
    slot older = ready.last;
    while (older != no_slot && w.jobs[older].id > j.id) older = links(older).previous;
    insert_behind(ready, older, at, links);
}

void leave_queue(world& w, slot at) {
    job& j = w.jobs[at];
    remove(w.functions[j.function].ready_at(j.priority), at, w.links_in_function());
}

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
    if (std::holds_alternative<queued>(j.phase)) leave_queue(w, at);
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
    j.payload = {};
    w.jobs.forget_key(at);
}

bool may_be_retried(const world& w, const job& j) {
    return w.how.job_retries < 0 || j.retries < static_cast<std::uint32_t>(w.how.job_retries);
}

}  // namespace

slot create(world& w, new_job&& what) {
    job made;
    made.id = job_id{w.next_job++};
    made.payload = std::move(what.payload);
    made.unique = what.unique;
    if (!what.reducer.empty()) made.reducer = std::make_unique<const std::string>(what.reducer);
    made.function = what.function;
    made.priority = what.priority;
    made.background = what.background;
    if (what.background) made.phase = uncommitted{what.run_at};
    const slot at = w.jobs.insert(std::move(made));
    ++w.functions[what.function].waiting_at(what.priority);
    if (what.background) {
        make_durable(w, at);
    } else {
        enqueue(w, at);
    }
    return at;
}

void make_durable(world& w, slot at) {
    job& j = w.jobs[at];
    j.background = true;
    j.kept = durability::storing;
    w.scratch.id = j.id;
    w.scratch.function = w.functions[j.function].name;
    w.scratch.unique = j.unique;
    w.scratch.reducer = j.reducer == nullptr ? std::string_view{} : std::string_view{*j.reducer};
    w.scratch.priority = j.priority;
    const auto* const waiting = std::get_if<uncommitted>(&j.phase);
    w.scratch.run_at = waiting == nullptr ? wall_time{} : waiting->run_at;
    w.scratch.payload = j.payload;
    w.effects.persist(w.scratch);
    w.scratch.payload = {};
}

void release(world& w, slot at, wall_time run_at) {
    job& j = w.jobs[at];
    if (run_at <= w.last.wall) {
        std::holds_alternative<uncommitted>(w.jobs[at].phase) ? enqueue_by_age(w, at) : enqueue(w, at);
        wake_for(w, j.function);
    } else {
        j.phase = scheduled{run_at};
        w.schedule.emplace(run_at, j.id);
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
    ++j.retries;
    leave_worker(w, at);
    ++w.functions[j.function].waiting_at(j.priority);
    enqueue(w, at);
    if (!may_be_retried(w, j)) return fail(w, at);
    if (is_planted(planted_bug::lost_wake_up)) return;
    wake_for(w, j.function);
}

void finish(world& w, slot at) {
    detach_all(w, at);
    leave_phase(w, at);
    forget_record(w, w.jobs[at]);
    w.jobs.erase(at);
}

void fail(world& w, slot at) {
    acknowledge_waiting(w, at);
    const handle_text handle = w.handle_of(w.jobs[at]);
    for_each_client(w, at, [&](connection_id client) { send<protocol::packet_type::work_fail>(w, client, handle); });
    if (std::holds_alternative<running>(w.jobs[at].phase)) {
        discard(w, at);
    } else {
        finish(w, at);
    }
}

void drop_if_unwanted(world& w, slot at) {
    const job& j = w.jobs[at];
    if (!is_wanted(j) && !std::holds_alternative<running>(j.phase)) finish(w, at);
}

}  // namespace sheaf::broker
