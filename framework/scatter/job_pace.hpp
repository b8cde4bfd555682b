// How many jobs of a scatter may be out when its caller did not say. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace sheaf::detail {

/// As many as end in a few milliseconds: when calls take microseconds, a small window is all wake-ups of the processes between
/// caller and handler, each of which then finds one message to pass on.
class job_pace {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Never less than `least` jobs, nor more than `most`.
    job_pace(std::size_t least, std::size_t most) noexcept
        : least_(least), most_(std::max(least, most)), limit_(least) {}

    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    void ended(std::size_t jobs, time_point now) noexcept {
        if (since_ == time_point{}) since_ = now;
        ended_ += jobs;
        const auto took = now - since_;
        if (took < period) return;
        const auto in_a_period = static_cast<std::size_t>(static_cast<double>(ended_) * (period / (1.0 * took)));
        limit_ = std::clamp(2 * in_a_period, least_, most_);
        since_ = now;
        ended_ = 0;
    }

  private:
    static constexpr std::chrono::milliseconds period{5};

    std::size_t least_;
    std::size_t most_;
    std::size_t limit_;
    std::size_t ended_ = 0;
    time_point since_{};
};

}  // namespace sheaf::detail
