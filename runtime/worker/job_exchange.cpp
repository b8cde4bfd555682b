#include "worker/job_exchange.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::runtime {
namespace {

// So many reports are worth a wake-up.
constexpr std::size_t reports_per_call = 16;

}  // namespace

bool job_exchange::hand_over(std::span<worker_job* const> jobs) {
    std::size_t to_wake = 0;
    bool some_wait = false;
    {
        const std::lock_guard lock(door_);
        ready_.insert(ready_.end(), jobs.begin(), jobs.end());
        const std::size_t awake = duty_.is_with_slot() ? 1 : 0;  // this thread takes one itself
        const std::size_t can_begin = std::min(idle_slots_ + awake, free_now());
        to_wake = std::min(can_begin, jobs.size());
        to_wake -= std::min(to_wake, awake);
        some_wait = ready_.size() > can_begin;
        sweep_comes_ = sweep_comes_ || some_wait;
    }
    for (; to_wake != 0; --to_wake) jobs_wait_.notify_one();
    return some_wait;
}

bool job_exchange::withdraw(worker_job& job) {
    const std::lock_guard lock(door_);
    return std::erase(ready_, &job) != 0;
}

// The callbacks on the token are run here, outside of the lock.
void job_exchange::request_stop(worker_job& job) {
    std::optional<std::stop_source> stop;
    {
        const std::lock_guard lock(door_);
        const auto slot =
            std::find_if(running_.begin(), running_.end(), [&](const running& r) { return r.job == &job; });
        if (slot == running_.end()) return;  // It has just ended: its report is on the way.
        slot->stop_requested = true;
        stop = slot->stop;
    }
    if (stop) stop->request_stop();
}

std::optional<std::size_t> job_exchange::slot_of(const worker_job& job) {
    std::optional<std::size_t> found;
    tell_slot_of(job, [&](std::size_t slot) { found = slot; });
    return found;
}

void job_exchange::tell_slot_of(const worker_job& job, const std::function<void(std::size_t)>& what) {
    const std::lock_guard lock(door_);
    const auto slot = std::find_if(running_.begin(), running_.end(), [&](const running& r) { return r.job == &job; });
    if (slot != running_.end()) what(static_cast<std::size_t>(slot - running_.begin()));
}

bool job_exchange::take_reports(std::vector<job_report>& reports, bool is_sweep) {
    SHEAF_ASSERT(reports.empty(), "reports are dealt with before the next are taken");
    const std::lock_guard lock(door_);
    signalled_ = false;
    reports.swap(reports_);
    if (std::exchange(report_bytes_, 0) >= report_bytes_max) room_.notify_all();
    const bool some_wait = !ready_.empty();
    sweep_comes_ = some_wait || (sweep_comes_ && !is_sweep);
    return some_wait;
}

job_exchange::time_point job_exchange::take_reports_of_long_jobs(std::vector<job_report>& reports, time_point now) {
    const std::lock_guard lock(door_);
    time_point next = ready_.empty() ? time_point::max() : now + long_job;
    for (running& one : running_) {
        if (one.job == nullptr || one.is_long) continue;
        if (one.began + long_job > now) {
            next = std::min(next, one.began + long_job);
            continue;
        }
        one.is_long = true;
        std::move(one.later.begin(), one.later.end(), std::back_inserter(reports));
        one.later.clear();
    }
    return next;
}

void job_exchange::close() {
    {
        const std::lock_guard lock(door_);
        closed_ = true;
    }
    jobs_wait_.notify_all();
    room_.notify_all();
}

// ---- The own thread.

bool job_exchange::should_leave_io() {
    const std::lock_guard lock(door_);
    return duty_.should_change() && idle_slots_ != 0 && free_now() == 1 && ready_.empty();
}

void job_exchange::leave_io() {
    {
        const std::lock_guard lock(door_);
        set_alarm(duty_.leave(std::chrono::steady_clock::now()));
    }
    jobs_wait_.notify_one();
}

void job_exchange::wait_for_io() {
    for (;;) {
        alarm_.wait();
        const std::lock_guard lock(door_);
        set_alarm(duty_.rang(std::chrono::steady_clock::now()));
        if (duty_.is_own()) return;
    }
}

// ---- Slots.

worker_job* job_exchange::next(std::size_t slot, std::optional<job_report> done, time_point& now) {
    std::unique_lock lock(door_);
    clear(running_[slot]);
    bool is_due = done && put_end(*std::move(done), now);
    bool has_io = false;
    while (!closed_ && (is_due || !may_begin())) {
        if (!has_io && takes_io(is_due)) {
            has_io = true;
            duty_.take();
        }
        if (has_io) {
            has_io = do_turn(lock);
            now = std::chrono::steady_clock::now();
            if (!has_io) leave_io_to_own(now);
        } else {
            call_or_wait(is_due, lock, now);
        }
        is_due = false;
    }
    worker_job* const job = closed_ ? nullptr : begin(running_[slot], now);
    if (has_io) set_alarm(duty_.leave(now));
    // Jobs for the others do not wait for this one.
    if (has_io && free_now() != 0) call_own();
    return job;
}

void job_exchange::clear(running& slot) noexcept {
    slot.job = nullptr;
    slot.is_long = slot.stop_requested = false;
    slot.stop.reset();
    slot.later.clear();
}

bool job_exchange::put_end(job_report done, time_point now) {
    --busy_;
    duty_.ran(done.took);
    if (reports_.empty()) oldest_report_ = now;
    reports_.push_back(std::move(done));
    const bool may_wait =
        !ready_.empty() && sweep_comes_ && reports_.size() < reports_per_call && now - oldest_report_ < report_delay;
    return !may_wait;
}

// Whoever has reports takes them the short way if he can. To wait for jobs is the business of the only slot that is free.
bool job_exchange::takes_io(bool is_due) noexcept { return duty_.is_free() && (is_due || free_now() == 1); }

bool job_exchange::do_turn(std::unique_lock<std::mutex>& lock) {
    const bool has_reports = !reports_.empty();
    lock.unlock();
    const bool goes_on = host_.turn(has_reports);
    lock.lock();
    return goes_on;
}

void job_exchange::leave_io_to_own(time_point now) {
    set_alarm(duty_.leave(now));
    call_own();
}

void job_exchange::call_or_wait(bool is_due, std::unique_lock<std::mutex>& lock, time_point& now) {
    if (is_due) {
        call_own();
        if (!claim_signal()) return;
        lock.unlock();
        host_.call_io();
        lock.lock();
        return;
    }
    ++idle_slots_;
    jobs_wait_.wait(lock, [this] { return may_begin() || closed_ || takes_io(false); });
    --idle_slots_;
    now = std::chrono::steady_clock::now();
}

worker_job* job_exchange::begin(running& slot, time_point now) {
    ++busy_;
    slot.job = ready_.front();
    slot.began = now;
    ready_.pop_front();
    return slot.job;
}

void job_exchange::report(job_report what) {
    bool call = false;
    {
        std::unique_lock lock(door_);
        room_.wait(lock, [this] { return report_bytes_ < report_bytes_max || closed_; });
        call = put(std::move(what));
    }
    if (call) host_.call_io();
}

bool job_exchange::put(job_report what) {
    report_bytes_ += what.answer.data.size();
    reports_.push_back(std::move(what));
    call_own();
    return claim_signal();
}

void job_exchange::end_deferred(job_report done) {
    bool call = false;
    {
        const std::lock_guard lock(door_);
        call = put(std::move(done));
    }
    if (call) host_.call_io();
}

void job_exchange::defer(std::size_t slot, worker_job& job, std::chrono::nanoseconds took) {
    job_report left;
    left.what = job_report::kind::defer;
    left.job = &job;
    left.took = took;
    bool call = false;
    {
        const std::lock_guard lock(door_);
        running& r = running_[slot];
        job.stop = stop_source_of(r);
        std::move(r.later.begin(), r.later.end(), std::back_inserter(reports_));  // its clocks go on
        clear(r);
        --busy_;
        duty_.ran(took);
        call = put(std::move(left));
    }
    if (call) host_.call_io();
}

void job_exchange::report_if_long(std::size_t slot, job_report what) {
    {
        const std::lock_guard lock(door_);
        if (!running_[slot].is_long) return running_[slot].later.push_back(std::move(what));
    }
    report(std::move(what));
}

// A thread is started outside of the lock. Until then it counts as one that may still come to take a job.
bool job_exchange::lend() {
    std::optional<std::size_t> new_thread;
    {
        const std::lock_guard lock(door_);
        if (lent_ == running_.size() - slots_) return false;
        ++lent_;
        if (threads_ == busy_ && free_now() != 0) new_thread = threads_++;
    }
    try {
        if (new_thread) host_.start_thread(*new_thread);
    } catch (const std::system_error&) {
        const std::lock_guard lock(door_);
        --lent_;
        --threads_;
        return false;
    }
    jobs_wait_.notify_one();
    job_report what;
    what.what = job_report::kind::lend;
    report(std::move(what));
    return true;
}

void job_exchange::take_back() {
    {
        const std::lock_guard lock(door_);
        --lent_;
    }
    job_report what;
    what.what = job_report::kind::take_back;
    report(std::move(what));
}

std::stop_token job_exchange::stop_token_of(std::size_t slot) {
    const std::lock_guard lock(door_);
    return stop_source_of(running_[slot]).get_token();
}

std::stop_source& job_exchange::stop_source_of(running& slot) {
    if (!slot.stop) {
        slot.stop.emplace();
        if (slot.stop_requested) slot.stop->request_stop();
    }
    return *slot.stop;
}

}  // namespace sheaf::runtime
