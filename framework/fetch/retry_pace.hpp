// How often something is fetched again, and after what pause.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace sheaf::fetch {

/// Counts failures in a row. Pure: chance comes in as a number.
class retry_pace {
  public:
    explicit retry_pace(unsigned attempts_max = 5, std::chrono::milliseconds first = std::chrono::milliseconds(50))
        : retry_pace(attempts_max, attempts_max, first) {}
    /// After `refusals_max` refusals in a row there is no further attempt either.
    retry_pace(unsigned attempts_max, unsigned refusals_max,
               std::chrono::milliseconds first = std::chrono::milliseconds(50))
        : attempts_max_(attempts_max), refusals_max_(refusals_max), first_(first) {}

    /// An attempt has failed: how long to wait before the next; none when there is none. `chance` is from 0 to 1.
    [[nodiscard]] std::optional<std::chrono::milliseconds> on_failure(double chance) {
        refusals_ = 0;
        return on_any(chance);
    }
    /// The same, since nobody listens at the address.
    [[nodiscard]] std::optional<std::chrono::milliseconds> on_refusal(double chance) {
        if (++refusals_ >= refusals_max_) return std::nullopt;
        return on_any(chance);
    }
    /// Something came.
    void on_progress() noexcept { failures_ = refusals_ = 0; }

  private:
    static constexpr std::chrono::milliseconds pause_max{3000};

    [[nodiscard]] std::optional<std::chrono::milliseconds> on_any(double chance) {
        if (++failures_ >= attempts_max_) return std::nullopt;
        const auto pause = std::min(first_ * (1U << std::min(2 * (failures_ - 1), 10U)), pause_max);
        return std::chrono::duration_cast<std::chrono::milliseconds>(pause * (0.5 + std::clamp(chance, 0.0, 1.0) / 2));
    }

    unsigned attempts_max_;
    unsigned refusals_max_;
    std::chrono::milliseconds first_;
    unsigned failures_ = 0;
    unsigned refusals_ = 0;
};

}  // namespace sheaf::fetch
