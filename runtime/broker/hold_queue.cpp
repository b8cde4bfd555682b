#include "broker/hold_queue.hpp"

#include "base/assert.hpp"

namespace sheaf::broker {

std::uint64_t hold_queue::hold() {
    held_.emplace_back();
    return first_ticket_ + (held_.size() - first_ - 1);
}

protocol::output_buffer& hold_queue::later() {
    SHEAF_ASSERT(!empty(), "replies wait only behind a held acknowledgement");
    auto& behind = held_.back().behind;
    if (behind == nullptr) behind = std::make_unique<protocol::output_buffer>();
    return *behind;
}

hold_queue::held& hold_queue::at(std::uint64_t ticket) {
    SHEAF_ASSERT(ticket >= first_ticket_ && ticket - first_ticket_ < size(), "an acknowledgement is resolved once");
    held& found = held_[first_ + (ticket - first_ticket_)];
    SHEAF_ASSERT(std::holds_alternative<std::monostate>(found.outcome), "an acknowledgement is resolved once");
    return found;
}

void hold_queue::pop() {
    held_[first_] = {};
    ++first_;
    ++first_ticket_;
    if (first_ == held_.size()) {
        held_.clear();
        first_ = 0;
    } else if (first_ >= 64 && first_ * 2 >= held_.size()) {
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

}  // namespace sheaf::broker
