// Replies of one connection that may not leave yet, because one before them waits for the store.
//
// JOB_CREATED carries nothing by which a client could match it to its request but its place in the stream, so
// everything behind a held acknowledgement waits with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/types.hpp"
#include "protocol/output_buffer.hpp"

namespace sheaf::broker {

/// The store has the job: JOB_CREATED.
struct acknowledged {
    job_id job;
};
/// The store could not keep it, or there is no answer to give: ERROR.
struct refused {
    std::string why;
    std::string code = "QUEUE_ERROR";
};
/// A line of the text protocol.
struct told_line {
    std::string line;
};
using acknowledgement = std::variant<acknowledged, refused, told_line>;

class hold_queue {
  public:
    [[nodiscard]] bool empty() const noexcept { return first_ == held_.size(); }
    /// How many acknowledgements are held, answered ones that wait for others included.
    [[nodiscard]] std::size_t size() const noexcept { return held_.size() - first_; }

    /// Holds one more acknowledgement back; what is written to later() from now on comes after it.
    std::uint64_t hold();
    /// Where replies go while something is held.
    [[nodiscard]] protocol::output_buffer& later();
    /// Says how the acknowledgement called `ticket` turned out, then calls `release(acknowledgement)` for every one
    /// that nothing keeps back any more and `follow(output_buffer)` for what was written behind it, in order.
    template <class Release, class Follow>
    void resolve(std::uint64_t ticket, acknowledgement outcome, Release&& release, Follow&& follow);

  private:
    struct held {
        std::variant<std::monostate, acknowledged, refused, told_line> outcome;
        std::unique_ptr<protocol::output_buffer> behind;  ///< made when something is written behind it
    };

    held& at(std::uint64_t ticket);
    void pop();

    std::vector<held> held_;
    std::size_t first_ = 0;           ///< of those in held_ that have not left
    std::uint64_t first_ticket_ = 0;  ///< the ticket of held_[first_]
};

template <class Release, class Follow>
void hold_queue::resolve(std::uint64_t ticket, acknowledgement outcome, Release&& release, Follow&& follow) {
    std::visit([&](auto& how) { at(ticket).outcome = std::move(how); }, outcome);
    while (!empty()) {
        held& next = held_[first_];
        if (std::holds_alternative<std::monostate>(next.outcome)) return;
        if (const auto* const yes = std::get_if<acknowledged>(&next.outcome)) release(*yes);
        if (const auto* const no = std::get_if<refused>(&next.outcome)) release(*no);
        if (const auto* const told = std::get_if<told_line>(&next.outcome)) release(*told);
        if (next.behind != nullptr) follow(*next.behind);
        pop();
    }
}

}  // namespace sheaf::broker
