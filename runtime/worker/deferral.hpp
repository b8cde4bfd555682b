// A job between its handler's return and its end: who has it, and in which order what is said of it reaches the I/O thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "sheaf/runtime/worker.hpp"
#include "worker/job_exchange.hpp"

namespace sheaf::runtime {

/// Those who are about to use a worker that they do not keep alive.
class visitors {
  public:
    /// False when it is too late; else leave() has to follow.
    [[nodiscard]] bool enter();
    void leave();
    /// Nobody enters any more; returns when all have left.
    void close();

  private:
    std::mutex door_;
    std::condition_variable changed_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

/// Shared by the slot that runs the handler and the deferred_job that it has given away.
class deferral {
  public:
    deferral(worker_job& job, std::stop_token token, job_exchange& exchange, std::shared_ptr<visitors> guests);

    /// Of the handler's thread, when it has returned: the answer, if the job has ended by then. If not, the slot has left it.
    [[nodiscard]] std::optional<job_answer> leave(std::size_t slot, std::chrono::nanoseconds took);
    /// Reports something, unless the job has ended.
    void say(job_report what);
    /// False when it has ended before.
    bool end(job_answer answer);

    // Copies: the job itself is used for others later.
    const std::string handle;
    const std::string function;
    const std::string unique;
    const shared_bytes payload;
    const std::stop_token stop;

  private:
    void end_now(job_answer answer);

    worker_job& job_;
    job_exchange& exchange_;
    const std::shared_ptr<visitors> guests_;

    std::mutex door_;
    bool ended_ = false;                ///< this and all below: guarded by door_
    std::size_t busy_ = 1;              ///< who has to be done before the end is told: the handler, and those that send
    std::optional<job_answer> answer_;  ///< given while somebody was busy
};

/// What the handler gives away.
[[nodiscard]] std::unique_ptr<deferred_job> make_deferred_job(std::shared_ptr<deferral> what);

}  // namespace sheaf::runtime
