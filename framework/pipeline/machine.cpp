// What comes in, and the way of a token from node to node.
#include "pipeline/machine.hpp"

#include <algorithm>
#include <utility>

#include <sheaf/detail/plan_values.hpp>

namespace sheaf::detail {
pipeline_machine::pipeline_machine(const plan_graph& plan, const machine_limits& limits, pipeline_effects& effects,
                                   time_point now)
    : plan_(plan),
      route_(plan, limits.in_order, limits.window),
      limits_(limits),
      effects_(effects),
      states_(plan.nodes.size() + 1),
      began_(now),
      now_(now),
      last_progress_(now) {
    if (limits_.items == 0) limits_.items = route_.items_wanted();
    limits_.items = std::max(limits_.items, route_.items_needed());
    for (node_index at = 0; at < route_.end(); ++at) states_[at].counts.name = plan.nodes[at].name;
}

pipeline_machine::~pipeline_machine() = default;

bool pipeline_machine::wants_item() const {
    if (over_ || input_ended_ || ledger_.held() >= limits_.items) return false;
    return (held_bytes_ < limits_.bytes || ledger_.held() == 0) && has_room(0);
}

void pipeline_machine::offer(shared_bytes item) {
    const lineage of{.number = offered_++, .item = ledger_.open()};
    arrive(make_token(of, std::move(item)), 0);
}

void pipeline_machine::call_ended(call_tag tag, raw_result outcome) {
    const token_ref which = ref_of(tag);
    const token* const known = find(which);
    if (known == nullptr || !known->is_out) return;
    const plan_node& node = plan_.nodes[known->at];
    count_back(which);
    if (!outcome) return lose(which, std::move(outcome).error());
    const auto* call = std::get_if<call_node>(&node.what);
    try {
        shared_bytes result = *std::move(outcome);
        if (call != nullptr && call->task.from_result != nullptr) result = call->task.from_result(result);
        if (call == nullptr || !call->decides) return pass_on(which, std::move(result));
        if (decode<bool>(result.view())) return pass_on(which, known->payload);
    } catch (const decode_error& wrong) {
        return lose(which, {.code = errc::malformed,
                            .message = "the result cannot be read: " + std::string(wrong.what()),
                            .task = node.name});
    }
    ++states_[known->at].counts.skipped;
    drop(which, false);
}

void pipeline_machine::call_retried(call_tag tag, unsigned attempt, failure why) {
    const token* const known = find(ref_of(tag));
    if (known == nullptr) return;
    ++states_[known->at].counts.retried;
    effects_.note(events::retrying{plan_.nodes[known->at].name, attempt, std::move(why)});
}

void pipeline_machine::call_warned(call_tag tag, std::string_view text) {
    const token* const known = find(ref_of(tag));
    if (known != nullptr) effects_.note(events::warning{plan_.nodes[known->at].name, std::string(text)});
}

void pipeline_machine::taken(std::size_t count) {
    for (; count != 0 && !untaken_.empty(); --count) {
        const untaken_outcome one = untaken_.front();
        untaken_.pop_front();
        held_bytes_ -= one.bytes;
        ledger_.release(one.item);
    }
}

void pipeline_machine::turn(time_point now) {
    now_ = now;
    if (over_) return;
    do {
        // From the end to the beginning: what is furthest goes first, so that little is on its way.
        for (node_index at = route_.end(); at-- > 0 && !over_;) {
            if (run(at)) at = route_.end();
        }
    } while (!over_ && (close_due_batches() || close_stalled_batch()));
    if (over_) return;
    if (input_ended_ && first_live() == route_.end()) return end();
    note_stages_done();
    note_progress();
}

std::optional<pipeline_machine::time_point> pipeline_machine::due() const {
    std::optional<time_point> first;
    for (node_index at = 0; at < route_.end() && !over_; ++at) {
        const auto* batch = std::get_if<batch_node>(&plan_.nodes[at].what);
        if (batch == nullptr || states_[at].batch.empty() || batch->linger == forever) continue;
        const time_point closes = states_[at].batch_began + batch->linger;
        if (!first || closes < *first) first = closes;
    }
    return first;
}

pipeline_summary pipeline_machine::summary() const {
    pipeline_summary made = totals_;
    made.over = over_;
    for (const node_state& one : states_) {
        if (!one.counts.name.empty()) made.stages.push_back(one.counts);
    }
    return made;
}

void pipeline_machine::arrive(token_ref which, node_index at) {
    if (at == route_.end() && !route_.is_ordered(at)) return deliver(which);
    node_state& state = states_[at];
    get(which).at = at;
    if (at != route_.end()) {
        ++state.live;
        ++state.counts.in;
    }
    if (!route_.is_ordered(at)) {
        state.waiting.push_back(which);
        return;
    }
    state.order.put(get(which).of.number, which);
    release_in_order(at);
}

void pipeline_machine::release_in_order(node_index at) {
    while (auto next = states_[at].order.take()) {
        auto& [number, which] = *next;
        if (!which) {
            if (at != route_.end()) skip_numbers_after(at, number);
        } else if (at == route_.end()) {
            deliver(*which);
        } else {
            states_[at].waiting.push_back(*which);
        }
    }
}

void pipeline_machine::skip_numbers_after(node_index at, std::uint64_t number) {
    const auto ordered = route_.ordered_after(at);
    if (!ordered) return;
    states_[*ordered].order.skip(number);
    release_in_order(*ordered);
}

void pipeline_machine::move_on(token_ref which, node_index to) {
    if (!route_.is_gate(to)) return arrive(which, to);
    const lineage part = get(which).of;
    shared_bytes payload = get(which).payload;
    free_token(which);
    fill(part, std::move(payload));
}

void pipeline_machine::leave(token_ref which) {
    node_state& state = states_[get(which).at];
    --state.live;
    ++state.counts.ok;
}

void pipeline_machine::pass_on(token_ref which, shared_bytes result) {
    token& one = get(which);
    if (plan_.nodes[one.at].handling == failure_handling::collect) result = collected_value(result.view());
    set_payload(one, std::move(result));
    leave(which);
    move_on(which, route_.after(one.at));
}

void pipeline_machine::choose_branch(token_ref which, const choose_node& what) {
    token& one = get(which);
    std::string_view rest = one.payload.view();
    const std::size_t chosen = take_alternative(rest);
    if (chosen >= what.branches.size()) throw_decode_error("a variant has no such alternative", 0);
    set_payload(one, one.payload.suffix(rest.size()));
    leave(which);
    move_on(which, what.branches[chosen]);
}

void pipeline_machine::deliver(token_ref which) {
    const lineage of = get(which).of;
    shared_bytes payload = get(which).payload;
    untaken_.push_back({of.item, payload.size()});
    hold_bytes(payload.size());
    free_token(which);
    ledger_.note_outcome(of.item);
    ++totals_.outcomes;
    effects_.deliver(of.number, std::move(payload));
}

void pipeline_machine::count_out(token_ref which) {
    token& one = get(which);
    one.is_out = true;
    node_state& state = states_[one.at];
    ++state.out;
    state.out_bytes += one.payload.size();
    ++calls_out_;
}

void pipeline_machine::count_back(token_ref which) {
    token& one = get(which);
    one.is_out = false;
    node_state& state = states_[one.at];
    --state.out;
    state.out_bytes -= one.payload.size();
    --calls_out_;
    hand_on_key(one, state);
}

void pipeline_machine::call(token_ref which, const call_node& what) {
    token& one = get(which);
    std::string arguments;
    try {
        arguments = what.task.to_arguments != nullptr ? what.task.to_arguments(one.payload.view())
                                                      : std::string(one.payload.view());
    } catch (...) {
        hand_on_key(one, states_[one.at]);
        return lose_thrown(which);
    }
    count_out(which);
    effects_.send(tag_of(which), what, std::move(arguments));
}

bool pipeline_machine::run(node_index at, const block_node& what) {
    bool did = false;
    while (states_[at].out < route_.window(at)) {
        const auto which = next_waiting(at);
        if (!which) break;
        count_out(*which);
        effects_.start(tag_of(*which), what, get(*which).payload);
        did = true;
    }
    return did;
}

}  // namespace sheaf::detail
