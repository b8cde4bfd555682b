// When a call of a scatter has taken so long that it is made once more, elsewhere. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include <sheaf/scatter_options.hpp>

namespace sheaf::detail {

/// Remembers how long the last calls took.
class hedge_pace {
  public:
    using duration = std::chrono::steady_clock::duration;

    explicit hedge_pace(const adaptive_hedge& how) noexcept : how_(how) {}

    [[nodiscard]] bool wanted() const noexcept { return how_.factor > 0; }
    void ended(duration took) noexcept {
        seen_[count_ % seen_.size()] = took;
        if (++count_ % recount == 0) measure();
    }
    /// Nothing while too few calls have ended to say.
    [[nodiscard]] std::optional<duration> delay() const noexcept { return delay_; }

  private:
    static constexpr std::size_t recount = 16;
    static constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);

    void measure() noexcept {
        auto sorted = seen_;
        const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, sorted.size()));
        const double quantile = how_.quantile > 0 ? std::min(how_.quantile, 1.0) : 0.0;  // also of what is no number
        const auto share = quantile * static_cast<double>(end - sorted.begin() - 1);
        const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(share);
        std::nth_element(sorted.begin(), at, end);
        const std::chrono::duration<double> stretched = std::chrono::duration<double>(*at) * how_.factor;
        const duration delay =
            stretched < longest ? std::chrono::duration_cast<duration>(stretched) : duration(longest);
        delay_ = std::max<duration>(delay, std::clamp(how_.at_least, std::chrono::milliseconds(0), longest));
    }

    adaptive_hedge how_;
    std::array<duration, 256> seen_{};
    std::size_t count_ = 0;
    std::optional<duration> delay_;
};

}  // namespace sheaf::detail
