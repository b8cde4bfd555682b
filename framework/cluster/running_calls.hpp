// Which calls the slots of a worker process run, so that a cancel order finds their handlers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "cluster/cancelled_calls.hpp"
#include <sheaf/runtime/worker.hpp>

namespace sheaf::detail {

/// Shared by the slots' threads and the one that takes orders.
class running_calls {
  public:
    using time_point = cancelled_calls::time_point;

    explicit running_calls(std::size_t slots) : slots_(std::make_unique<place[]>(slots)), count_(slots) {}

    /// The call that a slot runs, while this exists.
    class entry {
      public:
        /// `job` is that of the calling thread's slot.
        entry(running_calls& all, std::uint64_t call, runtime::assignment& job);
        ~entry();
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        /// The call was cancelled before it began.
        [[nodiscard]] bool was_cancelled() const noexcept { return was_cancelled_; }

      private:
        running_calls& all_;
        std::size_t slot_;
        bool was_cancelled_ = false;
    };

    /// `stop` is called for the job of each of `calls` that runs; the others are remembered. It must not wait for handlers.
    void cancel(std::span<const std::uint64_t> calls, time_point now,
                const std::function<void(runtime::assignment&)>& stop);

  private:
    // A cache line each: every job writes to its slot's.
    struct alignas(64) place {
        std::mutex door;
        std::uint64_t call = 0;
        runtime::assignment* job = nullptr;  ///< null: none runs
    };

    [[nodiscard]] bool stop_running(std::uint64_t call, const std::function<void(runtime::assignment&)>& stop);
    [[nodiscard]] bool take_remembered(std::uint64_t call);

    const std::unique_ptr<place[]> slots_;
    const std::size_t count_;
    std::atomic<bool> some_remembered_{false};
    std::mutex door_;
    cancelled_calls remembered_;  ///< guarded by door_
};

}  // namespace sheaf::detail
