// How long a thread that waits for a lone call stays awake. Pure.
//
// A core that goes to sleep has to be woken, which takes longer than a short handler does. So who waits for an answer that is
// likely to come at once looks for it for a moment before it sleeps. Where answers take longer than that it would only be in
// the way of others: then it hardly ever tries.
#pragma once

#include <chrono>

namespace sheaf::runtime {

class wakefulness {
  public:
    /// Several times what a call of an empty handler takes.
    static constexpr std::chrono::microseconds limit{100};
    /// So many answers in a row that came later are a reason to sleep at once, and then only every so many calls are tried.
    static constexpr int patience = 3;
    static constexpr int between_trials = 64;

    /// With one core nobody else runs while we look.
    explicit wakefulness(unsigned cores) noexcept : helps_(cores > 1) {}

    /// How long to look for the next answer.
    [[nodiscard]] std::chrono::nanoseconds next() noexcept {
        if (!helps_) return {};
        if (late_ < patience) return limit;
        if (++slept_ < between_trials) return {};
        slept_ = 0;
        return limit;
    }
    /// It came after `took`.
    void came(std::chrono::nanoseconds took) noexcept {
        if (took <= limit) {
            late_ = 0;
        } else if (late_ < patience) {
            ++late_;
        }
    }

  private:
    bool helps_;
    int late_ = 0;   ///< in a row
    int slept_ = 0;  ///< waits since the last trial
};

}  // namespace sheaf::runtime
