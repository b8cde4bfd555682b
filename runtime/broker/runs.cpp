#include "broker/runs.hpp"

#include <algorithm>
#include <utility>

#include "broker/run_step.hpp"
#include "broker/services.hpp"

namespace sheaf::broker {
namespace {

using protocol::visit_kind;

void advance_visit(run_step& step, const run_place& place, visit_kind how, std::string_view data) {
    if (how != visit_kind::answer) {
        const std::string why = data.empty() ? std::string("a worker that walked its plan failed, and did not say why")
                                             : "its plan could not be walked on: " + std::string(data);
        return step.break_off(why);
    }
    const auto orders = protocol::read_orders(data);
    if (!orders) return step.break_off(orders.error().message);
    step.obey(*orders, place);
}

void advance_call(run_step& step, const run_place& place, visit_kind how, const shared_bytes& request,
                  std::string_view data) {
    if (how == visit_kind::answer) step.count_done(place.node);
    if (how == visit_kind::answer && place.answer_is_part) {
        std::string part;
        protocol::append_part(part, {.is_answer = true, .node = place.node, .bytes = data});
        return step.settle(place.frame, place.slot, shared_bytes(part));
    }
    const bool has_request = how != visit_kind::answer || place.wants_request;
    step.visit({.kind = how,
                .node = place.node,
                .tried = place.tried,
                .request = has_request ? request.view() : std::string_view{},
                .data = data},
               place);
}

void answer_starters(world& w, run& r, const std::string& said) {
    for (const service_ticket one : std::exchange(r.starters, {})) {
        on_served(w, one, {.what = service_answer::kind::text, .data = shared_bytes(said)});
    }
}

void forget_run(world& w, run_table& table, job_id::number_type number) {
    const auto found = table.runs.find(number);
    table.ended.erase({found->second.about.expires, number});
    table.by_name.erase(found->second.about.name);
    table.runs.erase(found);
    w.effects.change_run({.run = job_id{number}, .forgets = true});
}

run_frame frame_of(job_id run, const restored_frame& known) {
    const frame_record& frame = known.frame;
    run_frame back{.run = run,
                   .gate = frame.gate,
                   .rule = frame.rule,
                   .settled = std::vector<bool>(frame.parts),
                   .missing = frame.parts,
                   .whole = frame.whole,
                   .whole_slot = frame.whole_slot};
    for (const settled_part& one : known.parts) {
        if (one.slot >= back.settled.size() || back.settled[one.slot]) continue;
        back.settled[one.slot] = true;
        back.bytes += one.bytes;
        --back.missing;
    }
    return back;
}

}  // namespace

run& begin_run(world& w, run_record about, std::string_view item) {
    forget_ended_runs(w);
    about.id = job_id{w.next_job++};
    about.began = w.last.wall;
    w.runs.by_name.emplace(about.name, about.id.value());
    run& made = w.runs.runs[about.id.value()];
    made.about = std::move(about);
    run_step step(w, made);
    step.begin(item);
    step.make();
    return made;
}

void advance_run(world& w, slot at, visit_kind how, std::string_view data) {
    const run_place place = *w.jobs[at].terms->of;
    const shared_bytes request = w.jobs[at].payload;
    run* const r = w.runs.find(place.run);
    SHEAF_ASSERT(r != nullptr, "a job of a run is gone before the run is");
    run_step step(w, *r);
    step.take_out(at);
    if (place.is_visit) {
        advance_visit(step, place, how, data);
    } else {
        advance_call(step, place, how, request, data);
    }
    step.make();
}

void cancel_run(world& w, run& r) {
    run_step step(w, r);
    step.end(run_state::cancelled, {}, "somebody cancelled it");
    step.make();
}

void on_run_stored(world& w, job_id id) {
    run* const r = w.runs.find(id);
    if (r == nullptr) return;
    if (!std::exchange(r->is_stored, true)) answer_starters(w, *r, "started\n");
    if (r->about.state == run_state::going) return;
    r->end_is_stored = true;
    w.runs.ended.emplace(r->about.expires, r->about.id.value());
    for (const run_taker& one : std::exchange(r->takers, {})) ask_for_outcome(w, *r, one);
}

bool on_run_refused(world& w, job_id id, std::string_view why) {
    run* const r = w.runs.find(id);
    if (r == nullptr || r->is_stored) return false;
    answer_starters(w, *r, "refused\n" + std::string(why));
    for (const run_taker& one : std::exchange(r->takers, {})) {
        on_served(w, one.question, {.what = service_answer::kind::text, .data = shared_bytes("unknown\n")});
    }
    run_step(w, *r).drop_all();  // nothing of which is in the store
    w.runs.by_name.erase(r->about.name);
    w.runs.runs.erase(id.value());
    return true;
}

void on_run_taken(world& w, job_id id, const std::string& taker) {
    if (run* const r = w.runs.find(id)) r->about.taker = taker;
}

void on_restore_run(world& w, const restored_run& known) {
    const auto number = known.run.id.value();
    if (number == 0 || known.run.name.empty() || w.runs.runs.contains(number)) return;
    w.next_job = std::max(w.next_job, number + 1);
    run& made = w.runs.runs[number];
    made.about = known.run;
    made.is_stored = true;
    w.runs.by_name.emplace(known.run.name, number);
    if (known.run.state != run_state::going) {
        made.end_is_stored = true;
        w.runs.ended.emplace(known.run.expires, number);
    }
    for (const auto& [node, calls] : known.done) made.done[node] = calls;
    for (const restored_frame& one : known.frames) {
        w.next_job = std::max(w.next_job, one.frame.id.value() + 1);
        w.runs.frames.emplace(one.frame.id.value(), frame_of(known.run.id, one));
    }
    for (const auto& [frame, parts] : known.frames) {
        if (run_members* const around = w.runs.members_of(made, frame.whole)) around->frames.insert(frame.id.value());
    }
}

bool rejoin_run(world& w, const job& j) {
    run* const r = w.runs.find(j.terms->of->run);
    if (r == nullptr || r->about.state != run_state::going) return false;
    run_members* const here = w.runs.members_of(*r, j.terms->of->frame);
    return here != nullptr && here->jobs.insert(j.id.value()).second;
}

void forget_ended_runs(world& w) {
    run_table& table = w.runs;
    while (!table.ended.empty() &&
           (table.ended.begin()->first <= w.last.wall || table.ended.size() > w.how.ended_runs_max)) {
        forget_run(w, table, table.ended.begin()->second);
    }
}

}  // namespace sheaf::broker
