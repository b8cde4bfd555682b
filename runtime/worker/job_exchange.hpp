// The counter between the I/O thread and the slots' threads: jobs go one way, reports the other.
//
// A wake-up across cores costs more than a short handler. So a side that is awake is not woken, the I/O thread hands jobs
// over in batches, and a slot that finds its next job waiting leaves its report for a moment (report_delay) before it
// calls the I/O thread; the I/O thread looks by itself every report_sweep while jobs wait, in case a handler takes long.
// What only matters if a handler takes long, such as its time-out, stays with the slot; the I/O thread asks for it when the
// handler has run for long_job.
//
// Best of all is a job that is not handed over. The I/O thread of these comments is the thread that does the I/O at the time:
// the worker's own, or that of a slot that waits for a job (io_duty.hpp). A slot does it when no other slot is free, or jobs for
// the others would have to wait for its handler.
//
// A handler that waits for other jobs lends its slot: one more thread may then run jobs, so that those that it waits for
// can be among them. The threads for that are started when they are first needed.
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

#include "worker/alarm.hpp"
#include "worker/io_duty.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::runtime {

inline constexpr std::chrono::microseconds report_delay{100};
inline constexpr std::chrono::milliseconds report_sweep{1};
/// A handler that takes so long counts as long.
inline constexpr std::chrono::milliseconds long_job{20};
/// A handler that sends data waits while so much of it has not been taken by the I/O thread.
inline constexpr std::size_t report_bytes_max = std::size_t{16} << 20;

/// What a slot has to tell about its job.
struct job_report {
    enum class kind : std::uint8_t { data, warning, status, expire, say, lend, take_back, defer, done };
    kind what = kind::done;
    worker_job* job = nullptr;
    job_answer answer;  ///< of done; its data is also what data, warning, expire and say carry
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 0;
    std::chrono::steady_clock::time_point at;  ///< of expire and say
    std::chrono::milliseconds every{};         ///< of say
    std::chrono::nanoseconds took{};           ///< of defer and done
};

/// What the exchange needs of the worker that it belongs to.
class exchange_host {
  public:
    virtual ~exchange_host() = default;
    /// Makes the I/O thread call take_reports() soon. Any thread.
    virtual void call_io() = 0;
    /// Starts a thread for `slot`, which is none of the first. Any thread.
    virtual void start_thread(std::size_t slot) = 0;
    /// One turn of the I/O, on a slot's thread: deals with reports, if there are any, or else waits for something to do and
    /// does it. False when only the own thread can go on.
    [[nodiscard]] virtual bool turn(bool has_reports) = 0;
};

/// Shared by all threads of one worker.
class job_exchange {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// At most `lent_max` slots are lent at once.
    job_exchange(std::size_t slots, std::size_t lent_max, exchange_host& host)
        : slots_(slots), host_(host), threads_(slots), running_(slots + lent_max) {}

    // ---- The own thread, which has the I/O first.

    /// Whether the slots should have it. Any thread: false on those that are not the own one.
    [[nodiscard]] bool should_leave_io();
    /// Leaves it to the slots.
    void leave_io();
    /// Returns when the own thread has it again.
    void wait_for_io();

    // ---- The I/O thread.

    /// Gives `jobs` to the slots. True when some have to wait for a slot: take_reports(true) must then be called after
    /// report_sweep.
    bool hand_over(std::span<worker_job* const> jobs);
    /// Takes `job` back unless a slot has begun it.
    bool withdraw(worker_job& job);
    /// Fires the stop token of the slot that runs `job`.
    void request_stop(worker_job& job);
    /// Which slot runs `job`, if it has not just ended.
    [[nodiscard]] std::optional<std::size_t> slot_of(const worker_job& job);
    /// Swaps what has come into `reports`, which is empty. `is_sweep` says that this is the call that hand_over() or the
    /// last sweep has asked for. True as in hand_over().
    bool take_reports(std::vector<job_report>& reports, bool is_sweep);
    /// Calls `what` with the slot that runs `job`, if it has not just ended; the slot begins no other meanwhile.
    void tell_slot_of(const worker_job& job, const std::function<void(std::size_t)>& what);
    /// Adds to `reports` what slots have said that only matters now that their jobs are long. Returns when to call again, at
    /// the latest; time_point::max() when no job is young.
    [[nodiscard]] time_point take_reports_of_long_jobs(std::vector<job_report>& reports, time_point now);
    /// No more jobs: next() returns nothing.
    void close();

    // ---- A slot's thread.

    /// Reports `done`, if given, and waits for the next job of `slot`; null when there will be none. Meanwhile the thread may do
    /// the I/O. `now` is the time; it is brought up to date when the slot had to wait.
    [[nodiscard]] worker_job* next(std::size_t slot, std::optional<job_report> done, time_point& now);
    /// Reports something at once; waits first while too much data has not been taken.
    void report(job_report what);
    /// Reports something about the job of `slot` when it has become a long one, if it does.
    void report_if_long(std::size_t slot, job_report what);
    [[nodiscard]] std::stop_token stop_token_of(std::size_t slot);
    /// The handler in a slot begins to wait. False when too many do already, or there can be no more threads.
    [[nodiscard]] bool lend();
    void take_back();
    /// The handler in `slot` has returned after `took`, and leaves its job behind, which is given the slot's stop source. The slot
    /// then has nothing to report to next(). Does not wait.
    void defer(std::size_t slot, worker_job& job, std::chrono::nanoseconds took);

    // ---- Any thread.

    /// Reports the end of a job that was deferred. Does not wait, and may be called on the I/O thread.
    void end_deferred(job_report done);

  private:
    struct running {
        worker_job* job = nullptr;
        time_point began;
        bool is_long = false;  ///< the I/O thread has taken `later`
        bool stop_requested = false;
        std::optional<std::stop_source> stop;  ///< made when the handler asks for a token
        std::vector<job_report> later;
    };

    // How many more jobs may begin now. After a slot was taken back there may be more handlers than slots for a while.
    [[nodiscard]] std::size_t free_now() const noexcept { return slots_ + lent_ > busy_ ? slots_ + lent_ - busy_ : 0; }
    [[nodiscard]] bool may_begin() const noexcept { return !ready_.empty() && free_now() != 0; }

    // What `signalled_` was decides who calls the I/O thread, outside of the lock.
    [[nodiscard]] bool claim_signal() noexcept { return !std::exchange(signalled_, true); }

    /// Puts `what`, with the door locked, and says whether the I/O thread is to be called.
    [[nodiscard]] bool put(job_report what);
    static std::stop_source& stop_source_of(running& slot);

    // Parts of next(), with the door locked.
    void clear(running& slot) noexcept;
    /// Whether the I/O thread has to be told at once.
    [[nodiscard]] bool put_end(job_report done, time_point now);
    [[nodiscard]] bool takes_io(bool is_due) noexcept;
    [[nodiscard]] bool do_turn(std::unique_lock<std::mutex>& lock);
    void call_or_wait(bool is_due, std::unique_lock<std::mutex>& lock, time_point& now);
    [[nodiscard]] worker_job* begin(running& slot, time_point now);
    void leave_io_to_own(time_point now);
    void call_own() { set_alarm(duty_.call()); }

    void set_alarm(const io_duty::ring& when) noexcept {
        if (when) alarm_.set(*when);
    }

    const std::size_t slots_;
    exchange_host& host_;
    alarm alarm_;

    std::mutex door_;
    std::condition_variable jobs_wait_;
    std::condition_variable room_;
    std::deque<worker_job*> ready_;  // this and all below: guarded by door_
    std::vector<job_report> reports_;
    time_point oldest_report_;
    std::size_t report_bytes_ = 0;  ///< of data in reports_
    std::size_t idle_slots_ = 0;    ///< threads that wait for a job
    std::size_t busy_ = 0;          ///< threads that run a handler
    std::size_t lent_ = 0;          ///< of those, the ones whose handler waits
    std::size_t threads_;           ///< that have been started, or are about to be
    bool signalled_ = false;        ///< the I/O thread has been called and has not come yet
    bool sweep_comes_ = false;
    bool closed_ = false;
    std::vector<running> running_;
    io_duty duty_;
};

}  // namespace sheaf::runtime
