// At most so many handlers of one task at once, within one process.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

#include <sheaf/runtime/worker.hpp>

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
    /// As enter(), but gives up when `stop` fires: false.
    [[nodiscard]] bool enter(const std::stop_token& stop) {
        std::unique_lock lock(door_);
        const bool is_free = some_free_.wait(lock, stop, [this] { return free_ != 0; });
        const bool enters = is_free && !stop.stop_requested();
        if (enters) --free_;
        if (is_free && !enters) some_free_.notify_one();  // it was perhaps only this one that was told
        return enters;
    }
    void leave() {
        const std::lock_guard lock(door_);
        ++free_;
        some_free_.notify_one();
    }

    /// A place while it exists, unless `job` was stopped before there was one; of no limit: nothing.
    class guard {
      public:
        guard(slot_limit* of, const runtime::assignment& job)
            : of_(of), entered_(of == nullptr || of->enter(job.stop_token())) {}
        ~guard() {
            if (of_ != nullptr && entered_) of_->leave();
        }
        guard(const guard&) = delete;
        guard& operator=(const guard&) = delete;

        [[nodiscard]] bool entered() const noexcept { return entered_; }

      private:
        slot_limit* of_;
        bool entered_;
    };

  private:
    std::mutex door_;
    std::condition_variable_any some_free_;
    std::size_t free_;
};

}  // namespace sheaf::detail
