// Jobs that are submitted together and waited for together, each with its own callbacks: what Gearman's clients call a task set.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {

/// What one job of a task_set is told to. All are called on the thread that waits for the set, in the order in which things
/// happened; what is empty is not called. They may block, throw, and use the set: what they throw comes out of the member that
/// waits, which may then be called again.
struct task_callbacks {
    std::function<void(std::string_view handle)> on_created{};  ///< again after a retry
    std::function<void(const shared_bytes& data)> on_data{};    ///< when empty, task_outcome::data has the pieces
    std::function<void(const shared_bytes& data)> on_warning{};
    std::function<void(std::uint64_t numerator, std::uint64_t denominator)> on_status{};
    /// As job_listener::on_retry().
    std::function<void(std::uint32_t retry, const job_end& how)> on_retry{};
    std::function<void(const shared_bytes& result)> on_complete{};
    std::function<void(const shared_bytes& exception)> on_exception{};
    /// It has failed or was not run: `how` says. Also for an exception, when on_exception is empty.
    std::function<void(const job_end& how)> on_fail{};
};

/// What is known of one job of a task_set.
struct task_outcome {
    bool has_ended = false;
    job_end end{};                     ///< once it has
    std::string handle{};              ///< of the last try; empty until a server has taken it
    std::vector<shared_bytes> data{};  ///< the pieces that the last try sent, unless on_data took them
    std::uint64_t numerator = 0;       ///< of the last status
    std::uint64_t denominator = 0;
    std::uint32_t retries = 0;  ///< how many there were
};

struct task_set_options {
    /// How many of its jobs may be out at once; the others wait here. 0: any number.
    std::size_t window = 0;
    /// When it is stopped, the jobs that have not ended end with errc::cancelled.
    std::stop_token stop{};
};

/// Jobs of one client, used by one thread. What a set has not waited for when it is destroyed is cancelled.
///
///     sheaf::runtime::task_set set(client, {.window = 100});
///     for (const std::string& page : pages) {
///         set.add({.function = "index", .payload = shared_bytes(page), .retries = 2},
///                 {.on_complete = [&](const shared_bytes& words) { total += count(words); }});
///     }
///     if (!set.run_for(30s)) std::cerr << "some pages took too long\n";
class task_set {
  public:
    /// `by` must outlive the set.
    explicit task_set(client& by, task_set_options how = {});
    ~task_set();
    task_set(const task_set&) = delete;
    task_set& operator=(const task_set&) = delete;

    /// Adds a job, which is submitted when the window has room for it. Returns its number: 0, 1, 2, ... Callbacks may add more.
    std::size_t add(job_request request, task_callbacks callbacks = {});

    /// Returns when every job has ended.
    void run();
    /// As run(); but jobs that have not ended after `limit` end with errc::timeout. False when there were some.
    bool run_for(std::chrono::milliseconds limit);
    /// Calls callbacks for `limit`, or until every job has ended: whether that is so. The jobs go on.
    bool wait_for(std::chrono::milliseconds limit);
    /// Ends what has not ended with errc::cancelled. See job_request::withdraw for what servers are told.
    void cancel();

    [[nodiscard]] std::size_t size() const noexcept;  ///< of all jobs
    [[nodiscard]] std::size_t open() const noexcept;  ///< of those that have not ended
    /// Whether every job has ended, and with a result.
    [[nodiscard]] bool all_complete() const noexcept;
    /// Of the job with this number, which is below size(). Stays where it is while there is the set.
    [[nodiscard]] const task_outcome& operator[](std::size_t task) const noexcept;

  private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace sheaf::runtime
