// One value from one thread to another that waits for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace sheaf::runtime {

/// put() and take() are each called once. Waits on a condition variable and not, as std::promise does, on a bare futex:
/// ThreadSanitizer does not know those, and keeps signals from a thread that is in one.
template <class T>
class hand_off {
  public:
    void put(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
        there_.notify_one();  // under the lock: the taker may destroy this as soon as it is free
    }
    [[nodiscard]] T take() {
        std::unique_lock lock(mutex_);
        there_.wait(lock, [this] { return value_.has_value(); });
        return *std::move(value_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable there_;
    std::optional<T> value_;
};

}  // namespace sheaf::runtime
