// The thread on which continuations of futures and coroutines run, so that they may take their time: the client's own
// thread is never blocked by a user's code.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sheaf::detail {

/// Runs what it is given, one after the other. The thread starts with the first callback, and keeps this until it ends: a
/// callback may let go of everything else that does. Made by std::make_shared; finish() has to be called.
class callback_thread : public std::enable_shared_from_this<callback_thread> {
  public:
    callback_thread() = default;
    callback_thread(const callback_thread&) = delete;
    callback_thread& operator=(const callback_thread&) = delete;

    /// Any thread. After finish(), `callback` runs at once on the caller's.
    void post(std::function<void()> callback);
    /// Waits until what is left has run, and the thread has ended. When a callback calls it, that happens after this returns.
    void finish();

  private:
    void work();

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> waiting_;
    bool finished_ = false;
    std::thread thread_;
};

}  // namespace sheaf::detail
