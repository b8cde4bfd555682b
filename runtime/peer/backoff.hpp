// Pauses between attempts: they double up to a limit, and jitter keeps many peers from trying in step.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>

namespace sheaf::peer {

/// Gives numbers from 0 (included) to 1 (excluded).
using random_source = std::function<double()>;
/// One with a seed that nobody else has.
[[nodiscard]] random_source jitter();

/// The pauses of one series of attempts.
class backoff {
  public:
    backoff(std::chrono::milliseconds shortest, std::chrono::milliseconds longest)
        : shortest_(std::max(shortest, std::chrono::milliseconds{1})), longest_(std::max(longest, shortest_)) {}

    /// The next pause: between half and all of shortest, twice shortest, ... longest.
    [[nodiscard]] std::chrono::microseconds next(const random_source& random) {
        const auto whole = std::chrono::duration<double, std::milli>(next_);
        next_ = std::min(2 * next_, longest_);
        return std::chrono::duration_cast<std::chrono::microseconds>(whole * (0.5 + 0.5 * random()));
    }
    /// Begins with the shortest pause again.
    void reset() noexcept { next_ = shortest_; }

  private:
    std::chrono::milliseconds shortest_;
    std::chrono::milliseconds longest_;
    std::chrono::milliseconds next_ = shortest_;
};

}  // namespace sheaf::peer
