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

    void measure() noexcept {
        auto sorted = seen_;
        const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, sorted.size()));
        const auto share = std::clamp(how_.quantile, 0.0, 1.0) * static_cast<double>(end - sorted.begin() - 1);
        const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(share);
        std::nth_element(sorted.begin(), at, end);
        const auto stretched = std::chrono::duration<double>(*at) * how_.factor;
        delay_ = std::max<duration>(std::chrono::duration_cast<duration>(stretched), how_.at_least);
    }

    adaptive_hedge how_;
    std::array<duration, 256> seen_{};
    std::size_t count_ = 0;
    std::optional<duration> delay_;
};

}  // namespace sheaf::detail
