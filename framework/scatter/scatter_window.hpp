// How many calls of a scatter may be out, and when to send more. Pure.
#pragma once

#include <algorithm>
#include <cstddef>

namespace sheaf::detail {

/// Counts calls from when they are sent until their results are no longer held, the jobs that they travel in, and the bytes that
/// both ways take.
class scatter_window {
  public:
    struct limits {
        std::size_t calls = 0;
        std::size_t jobs = 0;
        std::size_t bytes = 0;
    };

    /// Jobs for a cluster of `workers` slots (0: unknown): enough to keep each busy while results travel.
    static constexpr std::size_t default_jobs(std::size_t workers) noexcept {
        return std::max<std::size_t>(4 * workers, 64);
    }

    explicit scatter_window(limits most) noexcept
        : most_{std::max<std::size_t>(most.calls, 1), std::max<std::size_t>(most.jobs, 1), most.bytes} {}

    /// Calls that were sent, or are about to be, and whose results are still held.
    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }
    [[nodiscard]] std::size_t jobs() const noexcept { return jobs_; }
    /// Whether one more call may be made.
    [[nodiscard]] bool has_room_for_call() const noexcept {
        return calls_ == 0 || (calls_ < most_.calls && bytes_ + calls_ * result_bytes_ < most_.bytes);
    }
    [[nodiscard]] bool has_room_for_job() const noexcept { return jobs_ < most_.jobs; }

    /// Whether to send more before handing out the next result. While results are at hand, that waits until a quarter
    /// of the window is free: jobs sent together cost one wake-up of the I/O thread.
    [[nodiscard]] bool should_fill(bool results_at_hand) const noexcept {
        if (!has_room_for_call() || !has_room_for_job()) return false;
        if (!results_at_hand) return true;
        return jobs_ + std::max<std::size_t>(most_.jobs / 4, 1) <= most_.jobs &&
               most_.calls - calls_ >= std::max<std::size_t>(most_.calls / 4, 1);
    }

    void call_made() noexcept { ++calls_; }
    /// A call has ended with a result of so many bytes.
    void result_seen(std::size_t bytes) noexcept {
        // Believes in larger results at once, and in smaller ones by and by.
        result_bytes_ = std::max(bytes, result_bytes_ - result_bytes_ / 8);
    }
    void call_released() noexcept { --calls_; }
    /// From now on so many jobs may be out.
    void limit_jobs(std::size_t most) noexcept { most_.jobs = most; }
    void job_sent() noexcept { ++jobs_; }
    void job_ended() noexcept { --jobs_; }
    void bytes_taken(std::size_t bytes) noexcept { bytes_ += bytes; }
    void bytes_freed(std::size_t bytes) noexcept { bytes_ -= bytes; }

  private:
    limits most_;
    std::size_t calls_ = 0;
    std::size_t jobs_ = 0;
    std::size_t bytes_ = 0;         ///< of arguments
    std::size_t result_bytes_ = 0;  ///< what a result is expected to have
};

}  // namespace sheaf::detail
