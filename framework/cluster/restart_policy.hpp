// When a worker process that has ended is started again. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sheaf::detail {

struct restart_limits {
    /// A process that ends so often in a row before it was ready is not going to be.
    unsigned start_failures_max = 5;
    /// How many restarts, in a row and after having been ready, cost no pause.
    unsigned free_restarts = 5;
    /// The first pause, and the only one after an end that a job may be to blame for.
    std::chrono::milliseconds pause_min{50};
    std::chrono::milliseconds pause_max{5000};
    /// Who has served for so long starts again with a clean record.
    std::chrono::milliseconds forgiven_after{10000};
};

/// What brought a process to its end, that had been ready.
enum class end_cause : std::uint8_t {
    itself,  ///< nothing else is known to blame: it may happen again at once, and for ever
    job,     ///< the one that it ran, perhaps. Jobs are tried only so often, so this ends, and others wait meanwhile
    wish,    ///< it meant to, as the watchdog's way to stop a handler
};

/// Decides for one worker process and its successors.
class restart_policy {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit restart_policy(restart_limits limits = {}) : limits_(limits) {}

    /// The process has said that it can serve.
    void on_ready(time_point now);
    /// The process has ended. Returns when to start the next one, or nothing: it would end as this one. A process that was
    /// not ready has itself to blame.
    [[nodiscard]] std::optional<time_point> on_exit(time_point now, end_cause why = end_cause::itself);

    [[nodiscard]] unsigned start_failures() const noexcept { return start_failures_; }

  private:
    [[nodiscard]] std::chrono::milliseconds pause(unsigned beyond_free) const;

    restart_limits limits_;
    std::optional<time_point> ready_since_;
    unsigned start_failures_ = 0;  ///< in a row
    unsigned restarts_ = 0;        ///< in a row, of processes that had been ready, and ended by themselves
    unsigned lost_jobs_ = 0;       ///< as that, of those that ended with a job
};

}  // namespace sheaf::detail
