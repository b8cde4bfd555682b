// What each kind of node does with the items that wait for it.
#include <utility>

#include "pipeline/machine.hpp"
#include <sheaf/detail/plan_values.hpp>

namespace sheaf::detail {

bool pipeline_machine::run(node_index at) {
    return std::visit([this, at](const auto& what) { return run(at, what); }, plan_.nodes[at].what);
}

std::optional<pipeline_machine::token_ref> pipeline_machine::next_waiting(node_index at) {
    auto& waiting = states_[at].waiting;
    while (!over_ && !waiting.empty()) {
        const token_ref which = waiting.front();
        waiting.pop_front();
        if (find(which) != nullptr) return which;
    }
    return std::nullopt;
}

bool pipeline_machine::has_room(node_index at) const {
    if (at == route_.end()) return untaken_.size() < limits_.items;
    return states_[at].waiting.size() < route_.ahead(at);
}

bool pipeline_machine::has_call_room(node_index at, const call_node& what) const {
    const node_state& state = states_[at];
    if (state.out >= route_.window(at) || (limits_.calls != 0 && calls_out_ >= limits_.calls)) return false;
    if (what.window.bytes == 0 || state.out == 0 || state.waiting.empty()) return true;
    const token& next = tokens_[state.waiting.front().index];
    return state.out_bytes + next.payload.size() <= what.window.bytes;
}

bool pipeline_machine::run(node_index at, const call_node& what) {
    bool did = false;
    while (has_call_room(at, what)) {
        const auto which = next_waiting(at);
        if (!which) break;
        did = true;
        if (claim_key(*which, what)) call(*which, what);
    }
    return did;
}

bool pipeline_machine::claim_key(token_ref which, const call_node& what) {
    token& one = get(which);
    if (!what.key || one.holds_key) return true;
    try {
        one.key = what.key(one.payload.view());
    } catch (...) {
        lose_thrown(which);
        return false;
    }
    const auto [place, is_free] = states_[one.at].keys.try_emplace(one.key);
    one.holds_key = is_free;
    if (!is_free) place->second.push_back(which);
    return is_free;
}

void pipeline_machine::hand_on_key(token& of, node_state& state) {
    if (!of.holds_key) return;
    of.holds_key = false;
    const auto place = state.keys.find(of.key);
    if (place->second.empty()) {
        state.keys.erase(place);
        return;
    }
    const token_ref next = place->second.front();
    place->second.pop_front();
    get(next).holds_key = true;
    state.waiting.push_front(next);
}

bool pipeline_machine::run(node_index at, const apply_node& what) {
    bool did = false;
    while (const auto which = next_waiting(at)) {
        did = true;
        shared_bytes result;
        try {
            result = what.function(get(*which).payload.view());
        } catch (...) {
            lose_thrown(*which);
            continue;
        }
        pass_on(*which, std::move(result));
    }
    return did;
}

bool pipeline_machine::run(node_index at, const keep_node& what) {
    bool did = false;
    while (const auto which = next_waiting(at)) {
        did = true;
        bool keeps = false;
        try {
            keeps = what.function(get(*which).payload.view());
        } catch (...) {
            lose_thrown(*which);
            continue;
        }
        if (keeps) {
            pass_on(*which, get(*which).payload);
        } else {
            ++states_[at].counts.skipped;
            drop(*which, false);
        }
    }
    return did;
}

bool pipeline_machine::run(node_index at, const pass_node& /*what*/) {
    bool did = false;
    for (; const auto which = next_waiting(at); did = true) pass_on(*which, get(*which).payload);
    return did;
}

bool pipeline_machine::run(node_index at, const choose_node& what) {
    bool did = false;
    while (const auto which = next_waiting(at)) {
        did = true;
        try {
            choose_branch(*which, what);
        } catch (const decode_error&) {
            lose_thrown(*which);
        }
    }
    return did;
}

}  // namespace sheaf::detail
