// Tokens, and the frames in which parts of an item meet again.
#include <algorithm>
#include <utility>

#include "pipeline/machine.hpp"

namespace sheaf::detail {

pipeline_machine::token_ref pipeline_machine::make_token(const lineage& of, shared_bytes payload) {
    if (free_tokens_.empty()) {
        free_tokens_.push_back(static_cast<std::uint32_t>(tokens_.size()));
        tokens_.emplace_back();
    }
    const std::uint32_t index = free_tokens_.back();
    free_tokens_.pop_back();
    token& one = tokens_[index];
    one.used = true;
    one.of = of;
    set_payload(one, std::move(payload));
    return {index, one.generation};
}

pipeline_machine::token* pipeline_machine::find(token_ref which) {
    if (which.index >= tokens_.size()) return nullptr;
    token& one = tokens_[which.index];
    return one.used && one.generation == which.generation ? &one : nullptr;
}

void pipeline_machine::free_token(token_ref which) {
    token& one = tokens_[which.index];
    held_bytes_ -= one.payload.size();
    one = {.payload = {}, .of = {}, .generation = one.generation + 1};
    free_tokens_.push_back(which.index);
}

void pipeline_machine::set_payload(token& of, shared_bytes payload) {
    held_bytes_ -= of.payload.size();
    hold_bytes(payload.size());
    of.payload = std::move(payload);
}

void pipeline_machine::hold_bytes(std::size_t bytes) {
    held_bytes_ += bytes;
    totals_.most_bytes = std::max<std::uint64_t>(totals_.most_bytes, held_bytes_);
}

pipeline_machine::frame_index pipeline_machine::open_frame(node_index opener, node_index gate, const lineage& whole) {
    if (free_frames_.empty()) {
        free_frames_.push_back(static_cast<frame_index>(frames_.size()));
        frames_.emplace_back();
    }
    const frame_index index = free_frames_.back();
    free_frames_.pop_back();
    frames_[index].opener = opener;
    frames_[index].gate = gate;
    frames_[index].whole = whole;
    frames_[index].used = true;
    return index;
}

void pipeline_machine::free_frame(frame_index which) {
    frame& one = frames_[which];
    for (const auto& part : one.parts) held_bytes_ -= part ? part->size() : 0;
    one = {};
    free_frames_.push_back(which);
}

void pipeline_machine::fill(const lineage& part, shared_bytes payload) {
    frame& meeting = frames_[part.frame];
    hold_bytes(payload.size());
    meeting.parts[part.slot] = std::move(payload);
    --meeting.missing;
    close_if_complete(part.frame);
}

void pipeline_machine::leave_out(frame_index in) {
    --frames_[in].missing;
    close_if_complete(in);
}

void pipeline_machine::close_if_complete(frame_index which) {
    frame& meeting = frames_[which];
    if (meeting.missing != 0 || meeting.elements != nullptr) return;
    std::vector<shared_bytes> parts;
    for (auto& part : meeting.parts) {
        if (part) parts.push_back(*part);
    }
    const node_index gate = meeting.gate;
    const lineage whole = meeting.whole;
    shared_bytes made;
    try {
        made = std::get<gate_node>(plan_.nodes[gate].what).assemble(parts);
    } catch (const std::exception& wrong) {
        return stop({.why = {.code = errc::malformed,
                             .message = "results that should be joined cannot be read: " + std::string(wrong.what())}});
    }
    free_frame(which);
    move_on(make_token(whole, std::move(made)), route_.after(gate));
}

bool pipeline_machine::is_within(frame_index inner, frame_index outer) const {
    while (inner != no_frame && inner != outer) inner = frames_[inner].whole.frame;
    return inner == outer;
}

void pipeline_machine::purge(frame_index which) {
    for (std::uint32_t index = 0; index < tokens_.size(); ++index) {
        if (tokens_[index].used && is_within(tokens_[index].of.frame, which)) purge_token(index);
    }
    std::vector<frame_index> inner;
    for (frame_index index = 0; index < frames_.size(); ++index) {
        if (frames_[index].used && is_within(index, which)) inner.push_back(index);
    }
    for (const frame_index index : inner) {
        if (frames_[index].elements != nullptr) {
            node_state& opener = states_[frames_[index].opener];
            std::erase(opener.spreading, index);
            --opener.live;
        }
        free_frame(index);
    }
}

void pipeline_machine::purge_token(std::uint32_t index) {
    const token_ref which{index, tokens_[index].generation};
    node_state& state = states_[tokens_[index].at];
    if (tokens_[index].is_out) {
        effects_.cancel(tag_of(which));
        count_back(which);
    }
    --state.live;
    ++state.counts.skipped;
    free_token(which);
}

}  // namespace sheaf::detail
