// A call that was submitted, and its result once it has come: what is behind a future. Not for users.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Something that will be ready, once. Any thread. Made by std::make_shared.
class awaited : public std::enable_shared_from_this<awaited> {
  public:
    using clock = std::chrono::steady_clock;

    awaited() = default;
    virtual ~awaited() = default;
    awaited(const awaited&) = delete;
    awaited& operator=(const awaited&) = delete;

    [[nodiscard]] bool ready() const;
    /// A handler that waits lends its slot.
    void wait() const;
    /// Whether it is ready by then.
    [[nodiscard]] bool wait_until(clock::time_point when) const;
    /// Whether it is ready after `time`, which may be longer than a clock can count.
    [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const;
    /// Calls `run` when it is ready, on the engine's callback thread; when it is ready already, soon. One at a time.
    void when_ready(std::function<void()> run);
    /// As when_ready(), but on the thread that brings the news: `run` must be short, and none of a user's code.
    void when_ready_at_once(std::function<void()> run);
    /// Forgets what when_ready() was given, if it has not begun.
    void forget_callback();
    virtual void cancel() = 0;

  protected:
    explicit awaited(std::shared_ptr<callback_thread> callbacks) : callbacks_(std::move(callbacks)) {}
    /// From now on it is ready. `fill` puts the outcome in place, under the lock.
    template <class Fill>
    void become_ready(Fill&& fill) {
        {
            const std::lock_guard lock(mutex_);
            fill();
            ready_ = true;
            arrived_.notify_all();
        }
        call_back();
    }
    [[nodiscard]] const std::shared_ptr<callback_thread>& callbacks() const noexcept { return callbacks_; }

  private:
    void call_back();
    void run_callback();

    mutable std::mutex mutex_;
    mutable std::condition_variable arrived_;
    bool ready_ = false;
    std::function<void()> callback_;
    bool at_once_ = false;  ///< callback_ does not wait for the callback thread
    std::shared_ptr<callback_thread> callbacks_;
};

/// One call.
class pending_call final : public awaited, public call_sender::listener {
  public:
    [[nodiscard]] static std::shared_ptr<pending_call> submit(const std::shared_ptr<call_sender>& through,
                                                              const raw_call& call, const call_options& how);
    explicit pending_call(const std::shared_ptr<call_sender>& through)
        : awaited(through->callbacks()), through_(through) {}

    void on_result(std::uint64_t tag, raw_result outcome) override;

    /// The outcome; waits for it. Once.
    [[nodiscard]] raw_result take();
    /// Whether it is ready, and has no result.
    [[nodiscard]] bool has_failed() const { return ready() && !*outcome_; }
    void cancel() override;

  private:
    friend class pending_calls;

    std::weak_ptr<call_sender> through_;  // weak: calls that nobody waits for do not keep the engine
    std::optional<raw_result> outcome_;   // does not change any more once it is ready
    call_sender::call_id id_ = 0;
};

/// Several calls, ready when all of them are. The first that fails cancels the others.
class pending_calls final : public awaited {
  public:
    using parts = std::vector<std::shared_ptr<pending_call>>;

    [[nodiscard]] static std::shared_ptr<pending_calls> join(parts calls);
    pending_calls(parts calls, std::shared_ptr<callback_thread> callbacks)
        : awaited(std::move(callbacks)), calls_(std::move(calls)), left_(calls_.size()), first_failed_(left_) {}

    /// Of a group that is ready: which call failed first, or how many there are.
    [[nodiscard]] std::size_t first_failed() const noexcept { return first_failed_; }
    void cancel() override;

  private:
    void one_ended(std::size_t which);

    parts calls_;
    std::mutex counting_;
    std::size_t left_;
    std::size_t first_failed_;
};

}  // namespace sheaf::detail
