// The counter between the I/O thread and the slots' threads: jobs go one way, reports the other.
//
// A wake-up across cores costs more than a short handler. So a side that is awake is not woken, the I/O thread hands jobs
// over in batches, and a slot that finds its next job waiting leaves its report for a moment (report_delay) before it
// calls the I/O thread; the I/O thread looks by itself every report_sweep while jobs wait, in case a handler takes long.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "worker/worker_core.hpp"

namespace sheaf::runtime {

inline constexpr std::chrono::microseconds report_delay{100};
inline constexpr std::chrono::milliseconds report_sweep{1};
/// A handler that sends data waits while so much of it has not been taken by the I/O thread.
inline constexpr std::size_t report_bytes_max = std::size_t{16} << 20;

/// What a slot has to tell about its job.
struct job_report {
    enum class kind : std::uint8_t { data, warning, status, expire, done };
    kind what = kind::done;
    worker_job* job = nullptr;
    job_answer answer;  ///< of done; its data is also what data, warning and expire carry
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 0;
    std::chrono::steady_clock::time_point at;  ///< of expire
    std::chrono::nanoseconds took{};           ///< of done
};

/// Shared by all threads of one worker.
class job_exchange {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `call_io` makes the I/O thread call take_reports() soon; it may be called on any thread.
    job_exchange(std::size_t slots, std::function<void()> call_io) : running_(slots), call_io_(std::move(call_io)) {}

    // ---- The I/O thread.

    /// Gives `jobs` to the slots. True when some have to wait for a slot: take_reports(true) must then be called after
    /// report_sweep.
    bool hand_over(std::span<worker_job* const> jobs);
    /// Takes `job` back unless a slot has begun it.
    bool withdraw(worker_job& job);
    /// Fires the stop token of the slot that runs `job`.
    void request_stop(worker_job& job);
    /// Which slot runs `job`; the number of slots when it has just ended.
    [[nodiscard]] std::size_t slot_of(const worker_job& job);
    /// Swaps what has come into `reports`, which is empty. `is_sweep` says that this is the call that hand_over() or the
    /// last sweep has asked for. True as in hand_over().
    bool take_reports(std::vector<job_report>& reports, bool is_sweep);
    /// No more jobs: next() returns nothing.
    void close();

    // ---- A slot's thread.

    /// Reports `done`, if given, and waits for the next job of `slot`; null when there will be none. `now` is the time; it
    /// is brought up to date when the slot had to wait.
    [[nodiscard]] worker_job* next(std::size_t slot, std::optional<job_report> done, time_point& now);
    /// Reports something at once; waits first while too much data has not been taken.
    void report(job_report what);
    [[nodiscard]] std::stop_token stop_token_of(std::size_t slot);

  private:
    struct running {
        worker_job* job = nullptr;
        bool stop_requested = false;
        std::optional<std::stop_source> stop;  ///< made when the handler asks for a token
    };

    // What `signalled_` was decides who calls the I/O thread, outside of the lock.
    [[nodiscard]] bool claim_signal() noexcept { return !std::exchange(signalled_, true); }

    std::mutex door_;
    std::condition_variable jobs_wait_;
    std::condition_variable room_;
    std::deque<worker_job*> ready_;  // this and all below: guarded by door_
    std::vector<job_report> reports_;
    time_point oldest_report_;
    std::size_t report_bytes_ = 0;  ///< of data in reports_
    std::size_t idle_slots_ = 0;
    bool signalled_ = false;  ///< the I/O thread has been called and has not come yet
    bool sweep_comes_ = false;
    bool closed_ = false;
    std::vector<running> running_;
    std::function<void()> call_io_;  // constant
};

}  // namespace sheaf::runtime
