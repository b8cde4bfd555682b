// What worker processes write to their standard error: it is passed on, and its end is kept.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "cluster/last_lines.hpp"

namespace sheaf::detail {

/// Each process writes into a pipe of its own; one thread passes everything on as it comes. A thread, because whoever reads us
/// may stop reading, and that must not keep a supervisor from its work. Any thread may call.
class output_relay {
  public:
    /// Passes on to the descriptor `to`, which must outlive this. Throws runtime_failure.
    explicit output_relay(int to);
    /// Passes on what is still there.
    ~output_relay();
    output_relay(const output_relay&) = delete;
    output_relay& operator=(const output_relay&) = delete;

    /// Where the process that is about to start in `place` writes to. Throws runtime_failure.
    [[nodiscard]] unique_fd open(std::size_t place);
    /// The process in `place` has ended: the last lines that it wrote. What its own children still write is passed on.
    [[nodiscard]] std::vector<std::string> close(std::size_t place);
    /// Waits until what has been written is passed on, `limit` at most.
    void flush(std::chrono::milliseconds limit);

  private:
    struct source {
        unique_fd from;
        std::optional<std::size_t> place;  ///< none: its process has ended
        last_lines end;
    };

    void run();
    void wait_for_output(std::unique_lock<std::mutex>& lock);
    bool read_from(source& one);
    void read_what_is_there();

    const int to_;
    unique_fd wake_;
    std::mutex mutex_;
    std::condition_variable passed_on_;
    std::vector<source> sources_;  // guarded by mutex_, as all that follows
    std::string unsent_;
    bool sending_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace sheaf::detail
