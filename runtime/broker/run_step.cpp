#include "broker/run_step.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/printable.hpp"
#include "broker/lifecycle.hpp"
#include "broker/limits.hpp"
#include "broker/services.hpp"

namespace sheaf::broker {
namespace {

constexpr std::chrono::seconds kept_at_least{60};

using protocol::frame_rule;
using protocol::run_end;
using protocol::run_orders;
using protocol::run_visit;
using protocol::visit_kind;

// Of a sentence for people.
constexpr std::size_t why_size_max = 1000;

// What a job's packet holds besides its payload, at most.
constexpr std::size_t packet_overhead = 2048;

run_state state_after(run_end end) {
    switch (end) {
        case run_end::value: return run_state::value;
        case run_end::failure: return run_state::failure;
        default: return run_state::nothing;
    }
}

bool is_function(std::string_view name) {
    return !name.empty() && name.size() <= function_size_max && name.find('\0') == std::string_view::npos &&
           !is_service(name);
}

}  // namespace

void run_step::begin(std::string_view item) {
    change_.begins = run_.about;
    visit({.kind = visit_kind::item, .data = item}, {});
}

void run_step::take_out(slot at) {
    job& j = w_.jobs[at];
    if (run_members* const here = w_.runs.members_of(run_, j.terms->of->frame)) here->jobs.erase(j.id.value());
    change_.ended.push_back(j.id);
    w_.jobs.drop_terms(at);
    j.kept = durability::memory;
    j.background = false;
}

void run_step::count_done(std::uint32_t node) {
    ++run_.done[node];
    change_.done.push_back(node);
}

void run_step::drop_all() { drop(std::exchange(run_.inside, {})); }

job_record run_step::add_job(slot function, protocol::priority urgency, const run_place& at,
                             const shared_bytes& payload, wall_time run_at) {
    job made;
    made.id = job_id{w_.next_job++};
    made.payload = payload;
    made.function = function;
    made.priority = urgency;
    made.background = true;
    job_terms terms;
    terms.of = at;
    terms.of->run = run_.about.id;
    made.terms = std::make_unique<const job_terms>(std::move(terms));
    made.kept = durability::storing;
    made.phase = uncommitted{run_at};
    run_members* const here = w_.runs.members_of(run_, at.frame);
    SHEAF_ASSERT(here != nullptr, "a job is made for a place that is there");
    here->jobs.insert(made.id.value());
    const slot there = w_.jobs.insert(std::move(made));
    ++w_.functions[function].waiting_at(urgency);
    job_record record = record_of(w_, there, run_at);
    w_.scratch.payload = {};
    return record;
}

void run_step::visit(const run_visit& what, const run_place& at) {
    std::string payload = protocol::write_visit_head(what);
    if (payload.size() + what.data.size() + packet_overhead > w_.how.job_bytes_max) {
        return break_off(what.kind == visit_kind::item ? "its item is larger than a job may be"
                                                       : "a call and its answer are larger together than a job may be");
    }
    payload.append(what.data);
    const run_place place{.is_visit = true, .node = what.node, .frame = at.frame, .slot = at.slot};
    const slot function = w_.functions.intern(run_.about.function);
    change_.jobs.push_back(add_job(function, protocol::priority::normal, place, shared_bytes(payload)));
}

void run_step::obey(const run_orders& orders, const run_place& at) {
    if (orders.end != run_end::none) return end(state_after(orders.end), shared_bytes(orders.outcome), orders.why);
    const auto is_good = [](const protocol::order_call& one) { return is_function(one.function); };
    if (!std::ranges::all_of(orders.calls, is_good)) {
        return break_off("a worker that walks its plan wants a function called that none can be");
    }
    // Their numbers follow one another.
    const job_id::number_type before = w_.next_job;
    const auto place_of = [&](const protocol::order_place& of) {
        if (of.frame == 0) return run_place{.frame = at.frame, .slot = at.slot};
        return run_place{.frame = job_id{before + of.frame - 1}, .slot = of.slot};
    };
    for (const protocol::order_frame& one : orders.frames) open(one, place_of(one.whole));
    for (const protocol::order_call& one : orders.calls) call(one, place_of(one.place));
    for (const protocol::order_part& one : orders.parts) {
        if (run_.about.state != run_state::going) return;
        const run_place place = place_of(one.place);
        if (!one.is_there) {
            lose_part(place);
            continue;
        }
        if (place.frame.value() == 0) {
            return break_off("a worker that walks its plan has a part of the item and no end");
        }
        std::string bytes;
        protocol::append_part(bytes, {.bytes = one.bytes});
        settle(place.frame, place.slot, shared_bytes(bytes));
    }
}

void run_step::open(const protocol::order_frame& what, const run_place& whole) {
    const job_id id{w_.next_job++};
    w_.runs.frames.emplace(id.value(), run_frame{.run = run_.about.id,
                                                 .gate = what.gate,
                                                 .rule = what.rule,
                                                 .settled = std::vector<bool>(what.parts),
                                                 .missing = what.parts,
                                                 .whole = whole.frame,
                                                 .whole_slot = whole.slot});
    w_.runs.members_of(run_, whole.frame)->frames.insert(id.value());
    change_.frames.push_back({.id = id,
                              .run = run_.about.id,
                              .gate = what.gate,
                              .rule = what.rule,
                              .parts = what.parts,
                              .whole = whole.frame,
                              .whole_slot = whole.slot});
}

void run_step::call(const protocol::order_call& what, const run_place& place) {
    constexpr std::uint64_t longest_ms = std::uint64_t{100} * 365 * 24 * 3600 * 1000;
    wall_time run_at{};
    if (what.delay_ms != 0) run_at = w_.last.wall + std::chrono::milliseconds(std::min(what.delay_ms, longest_ms));
    const run_place here{.node = what.node,
                         .frame = place.frame,
                         .slot = place.slot,
                         .tried = what.tried,
                         .answer_is_part = what.answer_is_part && place.frame.value() != 0,
                         .wants_request = what.wants_request};
    const slot function = w_.functions.intern(what.function);
    change_.jobs.push_back(add_job(function, what.urgency, here, shared_bytes(what.payload), run_at));
}

void run_step::settle(job_id frame, std::uint32_t at, const shared_bytes& bytes) {
    const auto found = w_.runs.frames.find(frame.value());
    if (found == w_.runs.frames.end()) return;
    run_frame& meeting = found->second;
    if (at >= meeting.settled.size() || meeting.settled[at]) return;
    meeting.settled[at] = true;
    meeting.bytes += bytes.size();
    change_.parts.push_back({.frame = frame, .slot = at, .bytes = bytes});
    if (--meeting.missing == 0) gather(frame);
}

// The store makes the visit's payload of the parts.
void run_step::gather(job_id frame) {
    const run_frame& meeting = w_.runs.frames.at(frame.value());
    const std::string head = protocol::write_visit_head({.kind = visit_kind::parts, .node = meeting.gate});
    if (head.size() + meeting.bytes + packet_overhead > w_.how.job_bytes_max) {
        return break_off("the " + std::to_string(meeting.settled.size()) + " parts of a join are " +
                         std::to_string(meeting.bytes) + " bytes together, which is more than a job may have");
    }
    const run_place whole{.is_visit = true, .node = meeting.gate, .frame = meeting.whole, .slot = meeting.whole_slot};
    take_out(frame);
    const slot function = w_.functions.intern(run_.about.function);
    change_.gathered.push_back(
        {.job = add_job(function, protocol::priority::normal, whole, shared_bytes(head)), .frame = frame});
}

void run_step::lose_part(const run_place& at) {
    run_place lost = at;
    for (;;) {
        if (lost.frame.value() == 0) return end(run_state::nothing, {});
        const auto found = w_.runs.frames.find(lost.frame.value());
        if (found == w_.runs.frames.end()) return;
        if (found->second.rule == frame_rule::leave_out) return settle(lost.frame, lost.slot, {});
        const run_place whole{.frame = found->second.whole, .slot = found->second.whole_slot};
        drop(lost.frame);
        lost = whole;
    }
}

run_frame run_step::take_out(job_id frame) {
    run_frame gone = std::move(w_.runs.frames.extract(frame.value()).mapped());
    if (run_members* const around = w_.runs.members_of(run_, gone.whole)) around->frames.erase(frame.value());
    return gone;
}

// With all that is in it.
void run_step::drop(job_id frame) {
    change_.closed.push_back(frame);
    drop(take_out(frame).inside);
}

void run_step::drop(run_members inside) {
    std::vector<run_members> open;
    open.push_back(std::move(inside));
    while (!open.empty()) {
        const run_members here = std::move(open.back());
        open.pop_back();
        for (const auto number : here.jobs) drop_job(w_.jobs.find(job_id{number}));
        for (const auto number : here.frames) {
            change_.closed.push_back(job_id{number});
            open.push_back(take_out(job_id{number}).inside);
        }
    }
}

void run_step::drop_job(slot at) {
    dropped_.insert(w_.jobs[at].id.value());
    take_out(at);
    cancel(w_, at);
}

void run_step::end(run_state how, const shared_bytes& outcome, std::string_view why) {
    if (run_.about.state != run_state::going) return;
    drop_all();
    run_.about.state = how;
    run_.about.why = utf8_text(why.substr(0, why_size_max));
    // Whoever waits for the outcome must find it, though it is not to be kept.
    run_.about.expires = w_.last.wall + std::max<std::chrono::seconds>(run_.about.keep, kept_at_least);
    change_.end = {.state = how, .outcome = outcome, .expires = run_.about.expires, .why = run_.about.why};
}

// What was made and dropped in one step was never there.
void run_step::make() {
    const auto is_dropped = [&](const job_record& one) { return dropped_.contains(one.id.value()); };
    std::erase_if(change_.jobs, is_dropped);
    std::erase_if(change_.gathered, [&](const gathered_record& one) {
        if (is_dropped(one.job)) change_.closed.push_back(one.frame);
        return is_dropped(one.job);
    });
    const std::set<job_id> closed(change_.closed.begin(), change_.closed.end());
    std::erase_if(change_.parts, [&](const part_record& one) { return closed.contains(one.frame); });
    std::erase_if(change_.frames, [&](const frame_record& one) { return closed.contains(one.id); });
    w_.effects.change_run(change_);
}

}  // namespace sheaf::broker
