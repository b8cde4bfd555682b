// At most so many handlers of one task at once, within one process.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sheaf::detail {

/// Counts places. A handler that lends its slot gives its place back meanwhile, or the calls that it waits for, of the same
/// task, would wait for it.
class slot_limit {
  public:
    explicit slot_limit(std::size_t places) : free_(places) {}

    /// Waits for a place.
    void enter() {
        std::unique_lock lock(door_);
        some_free_.wait(lock, [this] { return free_ != 0; });
        --free_;
    }
    void leave() {
        const std::lock_guard lock(door_);
        ++free_;
        some_free_.notify_one();
    }

    /// A place while it exists; of no limit: nothing.
    class guard {
      public:
        explicit guard(slot_limit* of) : of_(of) {
            if (of_ != nullptr) of_->enter();
        }
        ~guard() {
            if (of_ != nullptr) of_->leave();
        }
        guard(const guard&) = delete;
        guard& operator=(const guard&) = delete;

      private:
        slot_limit* of_;
    };

  private:
    std::mutex door_;
    std::condition_variable some_free_;
    std::size_t free_;
};

}  // namespace sheaf::detail
