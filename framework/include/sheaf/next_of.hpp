// The outcomes of a scatter one by one, in a coroutine.
//
//     auto run = cluster.scatter(square, numbers);
//     while (auto done = co_await sheaf::next_of(run)) use(done->index, done->outcome);
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>

#include <sheaf/detail/pending_call.hpp>
#include <sheaf/scatter.hpp>

namespace sheaf {

namespace detail {

/// Something of a scatter has come back.
class landing final : public awaited {
  public:
    explicit landing(std::shared_ptr<callback_thread> callbacks) : awaited(std::move(callbacks)) {}
    void arrive() {
        become_ready([] {});
    }
    void cancel() override {}
};

/// Resumes its coroutine when `Run` has an outcome or has ended, unless the coroutine has been destroyed until then.
template <class Run>
class next_awaiter {
  public:
    explicit next_awaiter(Run& run) noexcept : run_(run) {}
    ~next_awaiter() {
        if (landing_) landing_->forget_callback();
    }
    next_awaiter(const next_awaiter&) = delete;
    next_awaiter& operator=(const next_awaiter&) = delete;

    [[nodiscard]] bool await_ready() { return !run_.would_wait(); }
    void await_suspend(std::coroutine_handle<> of) { wait(of); }
    auto await_resume() {
        if (fault_) std::rethrow_exception(fault_);
        return run_.next();
    }

  private:
    void wait(std::coroutine_handle<> of) {
        // By the end of when_ready() the coroutine may run already, and this be gone: nothing of it is used.
        const auto next = std::make_shared<landing>(run_.callbacks());
        landing_ = next;
        run_.when_landed([next] { next->arrive(); });
        next->when_ready([this, of] { look(of); });
    }
    // What has landed need not be the end of a call.
    void look(std::coroutine_handle<> of) {
        try {
            if (run_.would_wait()) return wait(of);
        } catch (...) {
            fault_ = std::current_exception();
        }
        of.resume();
    }

    Run& run_;
    std::shared_ptr<landing> landing_;
    std::exception_ptr fault_;
};

}  // namespace detail

/// To be awaited: the next outcome of `run`, in order of arrival, or nothing when all have been taken. Throws what the range
/// throws. The coroutine goes on on the cluster's callback thread, where the range is read from then on; until then nothing else
/// may use `run`, but for cancel(). Throws call_error (not_supported) for a scatter with adaptive hedging: nobody would look
/// at the clock.
template <class Task, class Range>
[[nodiscard]] auto next_of(scatter_run<Task, Range>& run) {
    run.require_no_clock();
    return detail::next_awaiter<scatter_run<Task, Range>>(run);
}

}  // namespace sheaf
