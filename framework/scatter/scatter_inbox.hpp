// Where the ends of a scatter's jobs arrive, and the only part of it that several threads touch.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Outlives its scatter until the last job has ended. The gatherer's thread sends and takes, the sender's thread delivers, and
/// any thread may stop it.
class scatter_inbox final : public call_sender::listener {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    struct landed_job {
        std::uint64_t tag = 0;
        raw_result outcome;
    };

    void on_result(std::uint64_t tag, raw_result outcome) override;
    void on_progress(std::uint64_t tag, std::uint64_t done, std::uint64_t total) override;

    /// A job with this tag, whose low 32 bits are its place, is about to be sent.
    void sending(std::uint64_t tag);
    /// It was sent. False when the scatter was stopped meanwhile: then the job is to be cancelled.
    [[nodiscard]] bool sent(std::uint64_t tag, call_sender::call_id call);
    /// Moves everything that has landed to `to`, which is empty. Waits for something until then.
    void take(std::vector<landed_job>& to, time_point until);

    /// Calls `run` once, on the sender's thread, when something has landed; at once, if something waits to be taken.
    void when_landed(std::function<void()> run);

    /// The job's id, if it is out.
    [[nodiscard]] call_sender::call_id call_of(std::uint64_t tag);
    /// The tags of jobs that are out and have reported progress, with the share of them that is done.
    [[nodiscard]] std::vector<std::pair<std::uint64_t, double>> shares();

    /// The jobs that are out, to be cancelled. Nothing, when it was stopped before.
    [[nodiscard]] std::vector<call_sender::call_id> stop();
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }
    /// What lands from now on is dropped.
    void close();

  private:
    struct place {
        std::uint64_t tag = 0;
        call_sender::call_id call = 0;
        double share = 0;
        bool out = false;
    };

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<landed_job> landed_;
    std::vector<place> places_;
    bool waits_ = false;
    std::function<void()> when_landed_;
    std::atomic<bool> stopped_ = false;  ///< set with the mutex held
    bool closed_ = false;
};

}  // namespace sheaf::detail
