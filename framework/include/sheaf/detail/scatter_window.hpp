// How many calls of a scatter may be out, and when to send more. Pure. Not for users.
#pragma once

#include <algorithm>
#include <cstddef>

namespace sheaf::detail {

/// Counts calls from when they are sent until their results are handed out: never more than `limit` at a time.
class scatter_window {
  public:
    /// A limit for a cluster of `workers` slots (0: unknown): enough to keep each busy while results travel.
    static constexpr std::size_t default_limit(std::size_t workers) noexcept {
        return std::max<std::size_t>(4 * workers, 64);
    }

    explicit scatter_window(std::size_t limit) noexcept : limit_(std::max<std::size_t>(limit, 1)) {}

    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
    /// Calls that were sent and whose results have not been handed out.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }
    [[nodiscard]] bool has_room() const noexcept { return held_ < limit_; }

    /// Whether to send more before handing out the next result. While results are at hand, that waits until a quarter
    /// of the window is free: calls sent together cost one wake-up of the I/O thread.
    [[nodiscard]] bool should_fill(bool results_at_hand) const noexcept {
        const std::size_t room = limit_ - held_;
        return results_at_hand ? room >= std::max<std::size_t>(limit_ / 4, 1) : room > 0;
    }

    void sent() noexcept { ++held_; }
    void handed_out() noexcept { --held_; }

  private:
    std::size_t limit_;
    std::size_t held_ = 0;
};

}  // namespace sheaf::detail
