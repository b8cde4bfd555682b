// A task set's decisions: which of its jobs are out, what is known of them, and who is told. Pure but for the callbacks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "sheaf/runtime/task_set.hpp"

namespace sheaf::runtime {

/// Something that happened to one job.
struct task_event {
    enum class kind : std::uint8_t { created, data, warning, status, retry, end };
    kind what = kind::end;
    std::size_t task = 0;
    std::string handle{};           ///< of created
    shared_bytes data{};            ///< of data and warning
    std::uint64_t numerator = 0;    ///< of status
    std::uint64_t denominator = 0;  ///< of status
    std::uint32_t retry = 0;        ///< of retry
    job_end end{};                  ///< of retry and end
};

/// What the core wants done.
class task_sink {
  public:
    virtual ~task_sink() = default;
    virtual void submit(std::size_t task, job_request request) = 0;
    virtual void cancel(std::size_t task) = 0;
};

/// All jobs of one set. Not thread-safe. Callbacks may call back into it, and throw: it has then done its part.
class task_set_core {
  public:
    /// At most `window` jobs are out at once; 0: any number.
    task_set_core(std::size_t window, task_sink& out) : window_(window), out_(out) {}
    task_set_core(const task_set_core&) = delete;
    task_set_core& operator=(const task_set_core&) = delete;

    std::size_t add(job_request request, task_callbacks callbacks);
    /// What happens to a job that has ended does not count.
    void apply(const task_event& event);
    /// Ends what has not ended. Callbacks that throw do not keep others from being called; the first one's comes out.
    void end_all(const error& why);

    [[nodiscard]] std::size_t size() const noexcept { return tasks_.size(); }
    [[nodiscard]] std::size_t open() const noexcept { return open_; }
    [[nodiscard]] bool all_complete() const noexcept { return complete_ == tasks_.size(); }
    [[nodiscard]] const task_outcome& operator[](std::size_t task) const noexcept { return tasks_[task].outcome; }

  private:
    struct entry {
        job_request request;  ///< until it is submitted
        task_callbacks tell;
        task_outcome outcome{};
        bool is_out = false;
    };

    void submit_more();
    void on_end(entry& one, const job_end& how);

    std::size_t window_;
    task_sink& out_;
    std::deque<entry> tasks_;  ///< a deque: callbacks may add
    std::size_t next_ = 0;     ///< to be submitted
    std::size_t sent_ = 0;     ///< out now
    std::size_t open_ = 0;
    std::size_t complete_ = 0;
};

}  // namespace sheaf::runtime
