// The signals that sheafd knows as calls on a thread of their own.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace sheaf::apps {

/// What each signal means.
struct signal_calls {
    std::function<void()> stop;        ///< the first SIGTERM or SIGINT
    std::function<void()> stop_now;    ///< each further one
    std::function<void()> drain;       ///< SIGUSR1
    std::function<void()> reopen_log;  ///< SIGHUP
};

/// Blocks these signals for the threads that are started from now on, and makes the calls. Construct it on the main
/// thread, before any other thread exists.
class signal_waiter {
  public:
    explicit signal_waiter(signal_calls calls);
    ~signal_waiter();
    signal_waiter(const signal_waiter&) = delete;
    signal_waiter& operator=(const signal_waiter&) = delete;

  private:
    std::atomic<bool> over_ = false;
    std::thread waiter_;
};

}  // namespace sheaf::apps
