#include "pipeline/plan_walk.hpp"

#include <algorithm>
#include <utility>

#include "call/call_end.hpp"
#include "call/call_plan.hpp"
#include "call/retry_rules.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/plan_values.hpp>
#include <sheaf/detail/typed_errors.hpp>

namespace sheaf::detail {
namespace {

using protocol::frame_rule;
using protocol::run_end;
using protocol::run_visit;
using protocol::visit_kind;

// The clocks of whoever waits for a call do not run where nobody waits.
call_options options_of(const call_node& what) {
    call_options how;
    how.attempt_timeout = what.how.attempt_timeout;
    how.retry = what.how.retry;
    how.priority = what.how.priority;
    how.deadline = forever;
    return how;
}

runtime::job_end end_of(const run_visit& what) {
    using kind = runtime::job_end::kind;
    switch (what.kind) {
        case visit_kind::answer: return {.how = kind::complete, .data = shared_bytes(what.data)};
        case visit_kind::exception: return {.how = kind::exception, .data = shared_bytes(what.data)};
        case visit_kind::failed: return {.how = kind::failed};
        default: return {.how = kind::not_run, .why = {errc::worker_lost, std::string(what.data)}};
    }
}

failure failure_of(const std::exception_ptr& thrown, const plan_node& node) {
    failure why = describe_exception(thrown);
    why.task = node.name;
    return why;
}

failure unreadable(const char* what, const std::exception& why) {
    return {.code = errc::malformed, .message = std::string(what) + " cannot be read: " + why.what()};
}

}  // namespace

plan_walk::plan_walk(const plan_graph& plan, std::function<std::uint64_t()> random)
    : plan_(plan), route_(plan, false, 1), random_(std::move(random)) {}

std::string plan_walk::visit(const run_visit& what) {
    begin(what);
    while (!todo_.empty() && end_ == run_end::none) {
        token next = std::move(todo_.front());
        todo_.pop_front();
        step(std::move(next));
    }
    return write();
}

// ---- How it begins.

void plan_walk::begin(const run_visit& what) {
    if (what.kind == visit_kind::item) return move_on({}, what.node, shared_bytes(what.data));
    if (what.node >= route_.end()) throw_decode_error("a visit names a node that the plan has not", 0);
    if (what.kind == visit_kind::parts) return begin_with_parts(what);
    begin_with_end(what);
}

void plan_walk::begin_with_end(const run_visit& what) {
    const auto* const call = std::get_if<call_node>(&plan_.nodes[what.node].what);
    if (call == nullptr) throw_decode_error("a visit brings the end of a call to a node that makes none", 0);
    raw_result read = read_result(*call, what);
    if (read) return pass_on({}, what.node, *std::move(read));
    const bool has_request = what.kind != visit_kind::answer || !what.request.empty();
    if (has_request && what.tried + 1 < call->how.retry.attempts() &&
        is_tried_again_after(read.error(), call->how.retry, call->task.frame.typed_again)) {
        return call_again(what, *call);
    }
    lose({}, what.node, std::move(read).error());
}

void plan_walk::begin_with_parts(const run_visit& what) {
    const auto read = protocol::read_parts(what.data);
    if (!read) throw_decode_error(read.error().message.c_str(), 0);
    if (std::holds_alternative<call_node>(plan_.nodes[what.node].what)) return decide(what.node, *read);
    const auto* const gate = std::get_if<gate_node>(&plan_.nodes[what.node].what);
    if (gate == nullptr) throw_decode_error("a visit brings parts to a node where none meet", 0);
    std::vector<shared_bytes> parts;
    for (const protocol::frame_part& one : *read) {
        failure why;
        std::optional<shared_bytes> part = read_part(one, why);
        if (part) {
            parts.push_back(*std::move(part));
            continue;
        }
        const plan_node& node = plan_.nodes[one.node];
        if (node.handling == failure_handling::fail) return lose({}, one.node, std::move(why));
        if (node.handling == failure_handling::collect) parts.push_back(collected_failure(why));
    }
    shared_bytes made;
    try {
        made = gate->assemble(parts);
    } catch (const std::exception& wrong) {
        return fail_with(unreadable("results that should be joined", wrong));
    }
    move_on({}, route_.after(what.node), std::move(made));
}

// The item and what the task says of it have met.
void plan_walk::decide(node_index at, const std::vector<protocol::frame_part>& parts) {
    if (parts.size() != 2) throw_decode_error("a decision needs an item and an answer", 0);
    failure why;
    const auto answer = read_part(parts[1], why);
    if (!answer) return lose({}, at, std::move(why));
    bool goes_on = false;
    try {
        goes_on = decode<bool>(answer->view());
    } catch (const decode_error& wrong) {
        return lose({}, at, unreadable("the result", wrong));
    }
    goes_on ? move_on({}, route_.after(at), shared_bytes(parts[0].bytes)) : drop({});
}

std::optional<shared_bytes> plan_walk::read_part(const protocol::frame_part& part, failure& why) const {
    if (!part.is_answer) return shared_bytes(part.bytes);
    const auto* const call = part.node < route_.end() ? std::get_if<call_node>(&plan_.nodes[part.node].what) : nullptr;
    if (call == nullptr) throw_decode_error("a part comes from a node that makes no calls", 0);
    raw_result read = read_result(*call, {.kind = visit_kind::answer, .node = part.node, .data = part.bytes});
    if (!read) {
        why = std::move(read).error();
        return std::nullopt;
    }
    if (plan_.nodes[part.node].handling == failure_handling::collect) return collected_value(read->view());
    return *std::move(read);
}

raw_result plan_walk::read_result(const call_node& what, const run_visit& end) const {
    call_plan as_asked = make_plan(what.task.frame, options_of(what), 0, 0);
    raw_result read = read_end(end_of(end), as_asked);
    if (!read) {
        failure why = std::move(read).error();
        if (why.attempt != 0) why.attempt = std::max(why.attempt, end.tried + 1);  // a worker knows of one alone
        return why;
    }
    if (what.task.from_result == nullptr) return read;
    try {
        return what.task.from_result(*read);
    } catch (const decode_error& wrong) {
        failure why = unreadable("the result", wrong);
        why.task = plan_.nodes[end.node].name;
        return why;
    }
}

void plan_walk::call_again(const run_visit& failed, const call_node& what) {
    call_plan as_asked = make_plan(what.task.frame, options_of(what), 0, 0);
    as_asked.request = shared_bytes(failed.request);
    const unsigned tried = failed.tried + 1;
    const double share = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
    calls_.push_back({.where = {},
                      .at = failed.node,
                      .request = request_of(as_asked, named_by_handle, lost_workers_max, tried),
                      .tried = tried,
                      .delay = pause_after(tried, what.how.retry, share)});
}

// ---- What the nodes do.

void plan_walk::step(token at) {
    if (!is_alive(at.where.frame)) return;
    std::visit([&](const auto& what) { act(at, what); }, plan_.nodes[at.at].what);
}

void plan_walk::act(token& at, const call_node& what) {
    raw_call call = what.task.frame;
    try {
        call.arguments = what.task.to_arguments != nullptr ? what.task.to_arguments(at.payload.view())
                                                           : std::string(at.payload.view());
    } catch (...) {
        return lose(at.where, at.at, failure_of(std::current_exception(), plan_.nodes[at.at]));
    }
    place where = at.where;
    if (what.decides) {  // the item waits for what is said of it
        where = {open_frame(at.where, at.at, frame_rule::all, 2), 1};
        settle({where.frame, 0}, at.payload);
    }
    const call_plan as_asked = make_plan(call, options_of(what), 0, 0);
    calls_.push_back(
        {.where = where, .at = at.at, .request = request_of(as_asked, named_by_handle, lost_workers_max, 0)});
}

void plan_walk::act(token& at, const apply_node& what) {
    shared_bytes result;
    try {
        result = what.function(at.payload.view());
    } catch (...) {
        return lose(at.where, at.at, failure_of(std::current_exception(), plan_.nodes[at.at]));
    }
    pass_on(at.where, at.at, std::move(result));
}

void plan_walk::act(token& at, const keep_node& what) {
    bool keeps = false;
    try {
        keeps = what.function(at.payload.view());
    } catch (...) {
        return lose(at.where, at.at, failure_of(std::current_exception(), plan_.nodes[at.at]));
    }
    keeps ? pass_on(at.where, at.at, std::move(at.payload)) : drop(at.where);
}

void plan_walk::act(token& at, const pass_node& /*what*/) { pass_on(at.where, at.at, std::move(at.payload)); }

void plan_walk::act(token& at, const spread_node& what) {
    std::vector<shared_bytes> elements;
    try {
        const auto source = what.open(at.payload);
        for (shared_bytes one; source->next(one);) elements.push_back(std::move(one));
    } catch (...) {
        return lose(at.where, at.at, failure_of(std::current_exception(), plan_.nodes[at.at]));
    }
    const std::uint32_t opened = open_frame(at.where, what.gate, frame_rule::leave_out, elements.size());
    if (elements.empty()) return close_if_complete(opened);
    for (std::uint32_t slot = 0; slot < elements.size(); ++slot) {
        move_on({opened, slot}, route_.after(at.at), std::move(elements[slot]));
    }
}

void plan_walk::act(token& at, const fork_node& what) {
    const std::uint32_t opened = open_frame(at.where, what.gate, frame_rule::all, what.branches.size());
    for (std::uint32_t slot = 0; slot < what.branches.size(); ++slot) {
        move_on({opened, slot}, what.branches[slot], at.payload);
    }
}

void plan_walk::act(token& at, const choose_node& what) {
    try {
        std::string_view rest = at.payload.view();
        const std::size_t chosen = take_alternative(rest);
        if (chosen >= what.branches.size()) throw_decode_error("a variant has no such alternative", 0);
        move_on(at.where, what.branches[chosen], at.payload.suffix(rest.size()));
    } catch (const decode_error&) {
        lose(at.where, at.at, failure_of(std::current_exception(), plan_.nodes[at.at]));
    }
}

// A run has one item: nothing else will come to fill the batch.
void plan_walk::act(token& at, const batch_node& what) { pass_on(at.where, at.at, what.assemble({at.payload})); }

void plan_walk::act(token& at, const gate_node& /*what*/) {
    throw_decode_error(("nothing but parts comes to the gate at node " + std::to_string(at.at)).c_str(), 0);
}

// check_detachable() has refused plans with these.
void plan_walk::act(token& /*at*/, const block_node& /*what*/) {
    throw_decode_error("a step that waits for its driver is in a detached plan", 0);
}
void plan_walk::act(token& /*at*/, const flatten_node& /*what*/) {
    throw_decode_error("a step that makes several items of one is in a detached plan", 0);
}

void plan_walk::pass_on(const place& where, node_index from, shared_bytes result) {
    if (plan_.nodes[from].handling == failure_handling::collect) result = collected_value(result.view());
    move_on(where, route_.after(from), std::move(result));
}

void plan_walk::move_on(const place& where, node_index to, shared_bytes payload) {
    if (to >= route_.end()) return end_with(run_end::value, std::move(payload));
    if (route_.is_gate(to)) return settle(where, std::move(payload));
    todo_.push_back({std::move(payload), where, to});
}

void plan_walk::lose(const place& where, node_index at, failure why) {
    if (why.task.empty()) why.task = plan_.nodes[at].name;
    switch (plan_.nodes[at].handling) {
        case failure_handling::collect: return move_on(where, route_.after(at), collected_failure(why));
        case failure_handling::skip: return drop(where);
        case failure_handling::fail: return fail_with(why);
    }
}

void plan_walk::drop(const place& where) {
    if (where.frame == 0 || at(where.frame).rule == frame_rule::leave_out) return settle(where, std::nullopt);
    at(where.frame).is_open = false;
    drop(at(where.frame).whole);
}

void plan_walk::end_with(run_end how, shared_bytes outcome) {
    end_ = how;
    outcome_ = std::move(outcome);
}

void plan_walk::fail_with(const failure& why) {
    end_with(run_end::failure, write_failure(why));
    why_ = describe(why);
}

// ---- Frames.

std::uint32_t plan_walk::open_frame(const place& whole, node_index gate, frame_rule rule, std::size_t parts) {
    frames_.push_back({.whole = whole,
                       .gate = gate,
                       .rule = rule,
                       .parts = std::vector<std::optional<shared_bytes>>(parts),
                       .settled = std::vector<bool>(parts),
                       .missing = parts});
    return static_cast<std::uint32_t>(frames_.size());
}

void plan_walk::settle(const place& where, std::optional<shared_bytes> part) {
    if (where.frame == 0) {
        own_part_ = std::move(part);
        return;
    }
    frame& meeting = at(where.frame);
    meeting.parts[where.slot] = std::move(part);
    meeting.settled[where.slot] = true;
    --meeting.missing;
    close_if_complete(where.frame);
}

void plan_walk::close_if_complete(std::uint32_t which) {
    frame& meeting = at(which);
    if (meeting.missing != 0 || !is_alive(which)) return;
    meeting.is_open = false;
    std::vector<shared_bytes> parts;
    for (auto& one : meeting.parts) {
        if (one) parts.push_back(*std::move(one));
    }
    const place whole = meeting.whole;
    const node_index gate = meeting.gate;
    shared_bytes made;
    try {
        made = std::get<gate_node>(plan_.nodes[gate].what).assemble(parts);
    } catch (const std::exception& wrong) {
        return fail_with(unreadable("results that should be joined", wrong));
    }
    move_on(whole, route_.after(gate), std::move(made));
}

bool plan_walk::is_alive(std::uint32_t which) const {
    for (; which != 0; which = frames_[which - 1].whole.frame) {
        if (!frames_[which - 1].is_open) return false;
    }
    return true;
}

// ---- What it leads to.

std::string plan_walk::write() const {
    protocol::run_orders orders{.end = end_, .outcome = outcome_.view(), .why = why_};
    if (end_ != run_end::none) return protocol::write_orders(orders);
    std::vector<std::uint32_t> numbers(frames_.size() + 1);  // as the orders count them; 0 of those that are over
    const auto renumbered = [&](const place& of) { return place{numbers[of.frame], of.slot}; };
    for (std::uint32_t which = 1; which <= frames_.size(); ++which) {
        if (!is_alive(which)) continue;
        const frame& one = frames_[which - 1];
        orders.frames.push_back({.whole = renumbered(one.whole),
                                 .gate = one.gate,
                                 .rule = one.rule,
                                 .parts = static_cast<std::uint32_t>(one.parts.size())});
        numbers[which] = static_cast<std::uint32_t>(orders.frames.size());
        for (std::uint32_t slot = 0; slot < one.parts.size(); ++slot) {
            if (!one.settled[slot]) continue;
            orders.parts.push_back({.place = {numbers[which], slot},
                                    .is_there = one.parts[slot].has_value(),
                                    .bytes = one.parts[slot] ? one.parts[slot]->view() : std::string_view{}});
        }
    }
    for (const made_call& one : calls_) {
        if (!is_alive(one.where.frame)) continue;
        const auto& what = std::get<call_node>(plan_.nodes[one.at].what);
        const bool says_failures_in_answers = what.task.frame.form == wire_form::json;
        orders.calls.push_back(
            {.place = renumbered(one.where),
             .node = one.at,
             .urgency = static_cast<protocol::priority>(what.how.priority),
             .answer_is_part = what.decides || (route_.is_gate(route_.after(one.at)) && !says_failures_in_answers),
             .wants_request = says_failures_in_answers,
             .tried = one.tried,
             .delay_ms = static_cast<std::uint64_t>(one.delay.count()),
             .function = what.task.frame.task,
             .payload = one.request.view()});
    }
    if (own_part_) {
        orders.parts.push_back({.place = {},
                                .is_there = own_part_->has_value(),
                                .bytes = *own_part_ ? (*own_part_)->view() : std::string_view{}});
    }
    return protocol::write_orders(orders);
}

}  // namespace sheaf::detail
