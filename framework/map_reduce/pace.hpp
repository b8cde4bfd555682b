// How long units take, and which attempts are so slow that a second one should run beside them. Pure.
//
// After LATE (Zaharia et al., 2008): what counts is when an attempt will end, by its own rate of progress, and not how long it
// has run. Unlike there, an attempt whose end is far off gets a backup even while other units wait: that costs less in all.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sheaf::detail {

/// What the units of one stage that are done took.
class pace {
  public:
    /// A unit of this cost took so long.
    void note(std::uint64_t cost, std::chrono::nanoseconds took);
    /// How long one of this cost will take, on a machine like most. Nothing while that would be a guess.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> expected(std::uint64_t cost) const;

  private:
    static constexpr std::size_t notes_max = 31;
    static constexpr std::size_t notes_needed = 3;

    std::array<double, notes_max> notes_{};  // nanoseconds for a cost of one; the latest ones
    std::size_t noted_ = 0;
    double median_ = 0;
};

/// How far an attempt is that is out.
struct attempt_progress {
    using time_point = std::chrono::steady_clock::time_point;

    time_point out_since;
    std::optional<time_point> began;  ///< when a worker said that it had begun
    time_point heard;                 ///< when it was last heard of
    double share = 0;                 ///< that is done, 0 to 1, as it said then

    /// For how long somebody has worked at it; of one that nobody has begun, for how long it has waited.
    [[nodiscard]] std::chrono::nanoseconds age(time_point now) const noexcept {
        return now - began.value_or(out_since);
    }
    /// How long it will take yet, if a worker like most would need `expected` for all of it.
    [[nodiscard]] std::chrono::nanoseconds time_left(std::chrono::nanoseconds expected, time_point now) const noexcept;
};

struct backup_rules {
    /// What a backup must save at least: shorter delays are noise.
    std::chrono::nanoseconds noise = std::chrono::milliseconds(50);

    /// Whether a second attempt would pay. `idle`: there is a slot that has nothing else to do.
    [[nodiscard]] bool pays(const attempt_progress& slow, std::chrono::nanoseconds expected, bool idle,
                            attempt_progress::time_point now) const noexcept;
    /// Whether the attempt is so far behind that its worker must be slow, and not its unit large.
    [[nodiscard]] bool is_crawling(const attempt_progress& slow, std::chrono::nanoseconds expected,
                                   attempt_progress::time_point now) const noexcept;
};

}  // namespace sheaf::detail
