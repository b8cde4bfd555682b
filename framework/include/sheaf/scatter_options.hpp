// How a scatter is made.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sheaf/call_options.hpp>

namespace sheaf {

/// Whether several small calls of a scatter travel in one job. What a call costs is then mostly what its handler does:
/// a job costs microseconds, a call within one a fraction of one.
///
/// A packed call may run twice: when a pack is lost with its worker, its calls are made again, each in a job of its own, so
/// that only the one that is to blame fails. Handlers of packed calls do not report progress. The answers of a pack come
/// together, so a call that hangs holds up the others of its pack until it ends: use none() where calls may hang and the
/// others are wanted in time, as with best_effort(), first() and quorum().
class packing {
  public:
    enum class mode : std::uint8_t { automatic, none, fixed };

    /// `calls` in each job, at most 1024, whatever the task says.
    constexpr packing(std::size_t calls) noexcept : mode_(mode::fixed), calls_(calls) {}  // NOLINT: .pack = 64
    /// As many as run in a few milliseconds, found out on the way. Only where a call may run twice anyway: the task is
    /// idempotent, or call_options::retry allows more than one attempt; and where nothing is asked for that only a call with a
    /// job of its own can have: a unique key, progress, hedging, retries by class.
    [[nodiscard]] static constexpr packing automatic() noexcept { return packing(mode::automatic); }
    /// Each call is a job.
    [[nodiscard]] static constexpr packing none() noexcept { return packing(mode::none); }

    [[nodiscard]] constexpr mode how() const noexcept { return mode_; }
    /// Only of fixed.
    [[nodiscard]] constexpr std::size_t calls() const noexcept { return calls_; }

  private:
    constexpr explicit packing(mode how) noexcept : mode_(how) {}

    mode mode_;
    std::size_t calls_ = 0;
};

/// Calls that take much longer than others are made once more, elsewhere; whichever ends first counts, and the other is
/// cancelled. Only of tasks declared idempotent. Begins when 16 calls have ended.
///
/// call_options::hedge is the same with a fixed delay.
struct adaptive_hedge {
    double factor = 0;       ///< so many times as long as `quantile` of the last calls took; 0: never
    double quantile = 0.95;  ///< 0 to 1
    std::chrono::milliseconds at_least{10};
};

/// How a scatter is made. Aggregate: name what differs from the defaults.
struct scatter_options {
    /// Calls that are out or whose results wait to be taken, at most. 0: found out on the way: four jobs per worker and at
    /// least 64, or up to 1024 while that many end in a few milliseconds.
    std::size_t window = 0;
    /// Bytes of their arguments and results, encoded, at most: results count as what the last ones had. One call may always
    /// be out, whatever its size.
    std::size_t window_bytes = std::size_t{16} << 20;
    /// How small calls share jobs.
    packing pack = packing::automatic();
    /// What becomes of calls that take long.
    adaptive_hedge hedge{};
    /// How each call is made.
    call_options call{};
    /// The whole scatter: no call is made, and none waits, after this long. What was not called then is not called.
    std::chrono::milliseconds deadline = forever;
};

}  // namespace sheaf
