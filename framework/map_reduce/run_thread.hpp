// The thread that a run has to itself.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "map_reduce/run_board.hpp"
#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

class run_thread {
  public:
    /// What the thread does: the run, until its end or until the token says stop.
    using body = std::function<map_reduce_report(run_board&, const std::stop_token&)>;

    /// `stop` ends the run as cancel() does.
    run_thread(body what, std::stop_token stop);
    run_thread(const run_thread&) = delete;
    run_thread& operator=(const run_thread&) = delete;
    /// Cancels and waits.
    ~run_thread();

    [[nodiscard]] run_board& board() noexcept { return board_; }
    void cancel() { stop_.request_stop(); }
    /// Waits for the end, and gives the report or throws why there is none.
    map_reduce_report wait();

  private:
    void run(const body& what);

    run_board board_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::optional<map_reduce_report> report_;
    std::exception_ptr failed_;
    std::stop_callback<std::function<void()>> passes_on_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace sheaf::detail
