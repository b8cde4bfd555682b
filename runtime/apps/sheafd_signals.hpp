// SIGTERM and SIGINT as calls on a thread of their own.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace sheaf::apps {

/// Blocks the two signals for the threads that are started from now on, and calls `stop` at the first of them and
/// `stop_now` at each further one. Construct it on the main thread, before any other thread exists.
class stop_signals {
  public:
    stop_signals(std::function<void()> stop, std::function<void()> stop_now);
    ~stop_signals();
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;

  private:
    std::atomic<bool> over_ = false;
    std::thread waiter_;
};

}  // namespace sheaf::apps
