// The nodes that take items apart and put them together: forks, each, flatten and batches.
#include <utility>

#include "pipeline/machine.hpp"

namespace sheaf::detail {

bool pipeline_machine::run(node_index at, const fork_node& what) {
    bool did = false;
    while (const auto which = next_waiting(at)) {
        did = true;
        const lineage whole = get(*which).of;
        const shared_bytes payload = get(*which).payload;
        leave(*which);
        free_token(*which);
        const frame_index opened = open_frame(at, what.gate, whole);
        frames_[opened].parts.resize(what.branches.size());
        frames_[opened].missing = what.branches.size();
        for (std::uint32_t slot = 0; slot < what.branches.size(); ++slot) {
            const lineage part{.number = whole.number, .item = whole.item, .frame = opened, .slot = slot};
            arrive(make_token(part, payload), what.branches[slot]);
        }
    }
    return did;
}

bool pipeline_machine::run(node_index /*at*/, const gate_node& /*what*/) { return false; }

bool pipeline_machine::run(node_index at, const spread_node& what) {
    bool did = false;
    node_state& state = states_[at];
    const node_index body = route_.after(at);
    while (!over_) {
        if (!state.spreading.empty()) {
            if (!has_room(body)) break;
            send_elements(at, what);
            did = true;
            continue;
        }
        const auto which = next_waiting(at);
        if (!which) break;
        did = true;
        std::unique_ptr<element_source> elements;
        try {
            elements = what.open(get(*which).payload);
        } catch (...) {
            lose_thrown(*which);
            continue;
        }
        const frame_index opened = open_frame(at, what.gate, get(*which).of);
        frames_[opened].elements = std::move(elements);
        ++state.counts.ok;
        free_token(*which);  // the frame is live instead
        state.spreading.push_back(opened);
    }
    return did;
}

void pipeline_machine::send_elements(node_index at, const spread_node& /*what*/) {
    node_state& state = states_[at];
    const frame_index opened = state.spreading.front();
    const node_index body = route_.after(at);
    while (has_room(body)) {
        shared_bytes element;
        if (!frames_[opened].elements->next(element)) {
            frames_[opened].elements.reset();
            state.spreading.pop_front();
            --state.live;
            return close_if_complete(opened);
        }
        const auto slot = static_cast<std::uint32_t>(frames_[opened].parts.size());
        frames_[opened].parts.emplace_back();
        ++frames_[opened].missing;
        const lineage& whole = frames_[opened].whole;
        const lineage part{.number = whole.number, .item = whole.item, .frame = opened, .slot = slot};
        arrive(make_token(part, std::move(element)), body);
    }
}

bool pipeline_machine::run(node_index at, const flatten_node& what) {
    bool did = flatten_more(at);
    node_state& state = states_[at];
    while (state.flattening.empty()) {
        const auto which = next_waiting(at);
        if (!which) break;
        did = true;
        const token& one = get(*which);
        try {
            state.flattening.push_back({what.open(one.payload), one.of.item, one.payload.size()});
        } catch (...) {
            lose_thrown(*which);
            continue;
        }
        hold_bytes(one.payload.size());
        ++state.counts.ok;
        free_token(*which);  // what is being taken apart is live instead
        flatten_more(at);
    }
    return did;
}

bool pipeline_machine::flatten_more(node_index at) {
    node_state& state = states_[at];
    const node_index to = route_.after(at);
    bool did = false;
    while (!over_ && !state.flattening.empty() && has_room(to)) {
        did = true;
        const opened_item& opened = state.flattening.front();
        shared_bytes element;
        if (opened.elements->next(element)) {
            ledger_.share(opened.item);
            arrive(make_token({.number = state.numbered++, .item = opened.item}, std::move(element)), to);
            continue;
        }
        const item_index item = opened.item;
        held_bytes_ -= opened.bytes;
        state.flattening.pop_front();
        --state.live;
        ledger_.release(item);
    }
    return did;
}

bool pipeline_machine::run(node_index at, const batch_node& what) {
    bool did = false;
    node_state& state = states_[at];
    while (const auto which = next_waiting(at)) {
        did = true;
        if (state.batch.empty()) state.batch_began = now_;
        state.batch.push_back(*which);
        if (state.batch.size() >= what.size) close_batch(at, what);
    }
    return did;
}

void pipeline_machine::close_batch(node_index at, const batch_node& what) {
    node_state& state = states_[at];
    std::vector<shared_bytes> parts;
    std::vector<item_index> members;
    for (const token_ref which : state.batch) {
        parts.push_back(get(which).payload);
        members.push_back(get(which).of.item);
        leave(which);
        free_token(which);
    }
    state.batch.clear();
    shared_bytes made;
    try {
        made = what.assemble(parts);
    } catch (const std::exception& wrong) {
        return stop({.why = {.code = errc::malformed,
                             .message = "results that should be batched cannot be read: " + std::string(wrong.what())},
                     .at = at});
    }
    const lineage whole{.number = state.numbered++, .item = ledger_.combine(std::move(members))};
    move_on(make_token(whole, std::move(made)), route_.after(at));
}

bool pipeline_machine::close_due_batches() {
    bool did = false;
    const node_index live = input_ended_ ? first_live() : route_.end();
    for (node_index at = route_.end(); at-- > 0 && !over_;) {
        const auto* what = std::get_if<batch_node>(&plan_.nodes[at].what);
        if (what == nullptr || states_[at].batch.empty()) continue;
        const bool lingered = what->linger != forever && now_ - states_[at].batch_began >= what->linger;
        // Nothing that is upstream could still come.
        if (!lingered && at != live) continue;
        close_batch(at, *what);
        did = true;
    }
    return did;
}

bool pipeline_machine::close_stalled_batch() {
    if (calls_out_ != 0 || !untaken_.empty() || wants_item()) return false;
    for (node_index at = route_.end(); at-- > 0;) {
        const auto* what = std::get_if<batch_node>(&plan_.nodes[at].what);
        if (what == nullptr || states_[at].batch.empty()) continue;
        close_batch(at, *what);
        return true;
    }
    return false;
}

node_index pipeline_machine::first_live() const {
    node_index at = 0;
    while (at < route_.end() && states_[at].live == 0) ++at;
    return at;
}

}  // namespace sheaf::detail
