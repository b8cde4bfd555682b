#include <algorithm>
#include <utility>

#include "call/call_plan.hpp"
#include "call/callback_thread.hpp"
#include <sheaf/detail/handler_thread.hpp>
#include <sheaf/detail/pending_call.hpp>

namespace sheaf::detail {

// ---- awaited

bool awaited::ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
}

void awaited::wait() const {
    if (ready()) return;
    const lent_slot lent;
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return ready_; });
}

bool awaited::wait_until(clock::time_point when) const {
    if (ready()) return true;
    const lent_slot lent;
    std::unique_lock lock(mutex_);
    return arrived_.wait_until(lock, when, [this] { return ready_; });
}

bool awaited::wait_for(std::chrono::milliseconds time) const {
    if (time <= longest_time) return wait_until(clock::now() + std::max(time, -longest_time));
    wait();
    return true;
}

void awaited::when_ready(std::function<void()> run) {
    {
        const std::lock_guard lock(mutex_);
        callback_ = std::move(run);
        if (!ready_) return;
    }
    call_back();
}

void awaited::when_ready_at_once(std::function<void()> run) {
    {
        const std::lock_guard lock(mutex_);
        at_once_ = true;
    }
    when_ready(std::move(run));
}

void awaited::forget_callback() {
    const std::lock_guard lock(mutex_);
    callback_ = nullptr;
}

void awaited::call_back() {
    bool is_now = callbacks_ == nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (!callback_) return;
        is_now = is_now || at_once_;
    }
    if (is_now) return run_callback();
    callbacks_->post([self = shared_from_this()] { self->run_callback(); });
}

// Taken only now: while it waited for its turn it could be forgotten.
void awaited::run_callback() {
    std::function<void()> run;
    {
        const std::lock_guard lock(mutex_);
        run = std::exchange(callback_, nullptr);
    }
    if (run) run();
}

// ---- One call.

std::shared_ptr<pending_call> pending_call::submit(const std::shared_ptr<call_sender>& through, const raw_call& call,
                                                   const call_options& how) {
    auto made = std::make_shared<pending_call>(through);
    made->id_ = through->submit(call, how, made, 0);
    return made;
}

void pending_call::on_result(std::uint64_t /*tag*/, raw_result outcome) {
    become_ready([&] { outcome_.emplace(std::move(outcome)); });
}

raw_result pending_call::take() {
    try {
        wait();
    } catch (const would_deadlock& here) {
        return here.why();
    }
    return *std::move(outcome_);
}

void pending_call::cancel() {
    if (const auto sender = through_.lock()) sender->cancel(id_);
}

// ---- Several.

std::shared_ptr<pending_calls> pending_calls::join(parts calls) {
    auto callbacks = calls.empty() ? nullptr : calls.front()->callbacks();
    auto all = std::make_shared<pending_calls>(std::move(calls), std::move(callbacks));
    if (all->calls_.empty()) all->become_ready([] {});
    for (std::size_t i = 0; i < all->calls_.size(); ++i) {
        // Not on the callback thread: that may be where they are waited for.
        all->calls_[i]->when_ready_at_once([all, i] { all->one_ended(i); });
    }
    return all;
}

void pending_calls::one_ended(std::size_t which) {
    bool is_first_failure = false;
    bool is_last = false;
    {
        const std::lock_guard lock(counting_);
        is_first_failure = first_failed_ == calls_.size() && calls_[which]->has_failed();
        if (is_first_failure) first_failed_ = which;
        is_last = --left_ == 0;
    }
    if (is_first_failure) cancel();
    if (is_last) become_ready([] {});
}

void pending_calls::cancel() {
    for (const auto& one : calls_) one->cancel();
}

}  // namespace sheaf::detail
