// How many jobs a worker asks for ahead of time: few when handlers are slow, more when they are short. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace sheaf::runtime {

/// A job that is fetched early waits behind the one that runs, where no other worker can have it. So no more is fetched
/// ahead than takes about a millisecond; for handlers shorter than a round trip that hides the round trip. And since a slow job
/// may come after many fast ones, jobs are fetched ahead only in a long row of fast ones, one more for each row_per_job.
class grab_pace {
  public:
    explicit grab_pace(std::size_t depth_max) : depth_max_(std::max<std::size_t>(depth_max, 1)) {}

    /// A handler took so long. One slow handler counts at once, a fast one a little.
    void took(std::chrono::nanoseconds time) noexcept {
        in_row_ = time < slow ? in_row_ + 1 : 0;
        const auto sample = static_cast<double>(std::max<std::chrono::nanoseconds::rep>(time.count(), 1));
        if (average_ == 0.0) {
            average_ = sample;
        } else {
            average_ += (sample - average_) * (sample > average_ ? 0.5 : 1.0 / 16);
        }
    }

    /// There was no job to be had: what comes next may be something else.
    void ran_dry() noexcept { in_row_ = 0; }

    /// Jobs and grabs per slot that may be out at once: 1 to depth_max.
    [[nodiscard]] std::size_t depth() const noexcept {
        if (average_ == 0.0 || average_ >= ahead_nanoseconds) return 1;
        return std::min(
            {depth_max_, static_cast<std::size_t>(ahead_nanoseconds / average_), 1 + in_row_ / row_per_job});
    }

  private:
    static constexpr double ahead_nanoseconds = 1e6;
    static constexpr std::chrono::milliseconds slow{1};
    static constexpr std::size_t row_per_job = 16;

    std::size_t depth_max_;
    double average_ = 0.0;    ///< of handler times, in nanoseconds; 0: none seen
    std::size_t in_row_ = 0;  ///< fast handlers, without a slow one or a pause among them
};

}  // namespace sheaf::runtime
