// A task set's shell: events come from the client's thread, and wait here for the one that waits for them.
#include "sheaf/runtime/task_set.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/assert.hpp"
#include "client/task_set_core.hpp"

namespace sheaf::runtime {
namespace {

using steady_clock = std::chrono::steady_clock;
using kind = task_event::kind;

// Longer times could not be added to a point of time.
constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365);

// Where events wait. Shared with the client, which may outlive the set's interest.
class task_inbox : public job_listener {
  public:
    void on_created(std::uint64_t tag, std::string_view handle) override {
        put({.what = kind::created, .task = tag, .handle = std::string(handle)});
    }
    void on_data(std::uint64_t tag, const shared_bytes& data) override {
        put({.what = kind::data, .task = tag, .data = data});
    }
    void on_warning(std::uint64_t tag, const shared_bytes& data) override {
        put({.what = kind::warning, .task = tag, .data = data});
    }
    void on_status(std::uint64_t tag, std::uint64_t numerator, std::uint64_t denominator) override {
        put({.what = kind::status, .task = tag, .numerator = numerator, .denominator = denominator});
    }
    void on_retry(std::uint64_t tag, std::uint32_t retry, const job_end& how) override {
        put({.what = kind::retry, .task = tag, .retry = retry, .end = how});
    }
    void on_end(std::uint64_t tag, job_end end) override {
        put({.what = kind::end, .task = tag, .end = std::move(end)});
    }

    void stop() {
        const std::lock_guard lock(door_);
        stopped_ = true;
        changed_.notify_all();
    }
    [[nodiscard]] bool is_stopped() {
        const std::lock_guard lock(door_);
        return stopped_;
    }
    /// Nobody takes anything any more.
    void close() {
        const std::lock_guard lock(door_);
        closed_ = true;
        events_.clear();
    }
    /// What has come by `until`, at the latest. Nothing when it is over, or somebody has called stop().
    [[nodiscard]] std::deque<task_event> take(steady_clock::time_point until) {
        std::unique_lock lock(door_);
        const auto is_due = [this] { return !events_.empty() || stopped_; };
        if (until == steady_clock::time_point::max()) {
            changed_.wait(lock, is_due);
        } else {
            changed_.wait_until(lock, until, is_due);
        }
        return std::exchange(events_, {});
    }

  private:
    void put(task_event event) {
        const std::lock_guard lock(door_);
        if (closed_) return;
        events_.push_back(std::move(event));
        if (events_.size() == 1) changed_.notify_all();
    }

    std::mutex door_;
    std::condition_variable changed_;
    std::deque<task_event> events_;  // this and the next two: guarded by door_
    bool stopped_ = false;
    bool closed_ = false;
};

}  // namespace

struct task_set::shell : task_sink {
    shell(client& by, task_set_options how)
        : with(by),
          inbox(std::make_shared<task_inbox>()),
          core(how.window, *this),
          on_stop(std::move(how.stop), wake{inbox}) {}

    void submit(std::size_t task, job_request request) override {
        if (calls.size() <= task) calls.resize(task + 1);
        calls[task] = with.submit(std::move(request), inbox, task);
    }
    void cancel(std::size_t task) override { with.cancel(calls[task]); }

    // One at a time: a callback that throws must not cost those behind it.
    void apply_events() {
        while (!events.empty()) {
            const task_event event = std::move(events.front());
            events.pop_front();
            core.apply(event);
        }
    }

    bool wait_until(steady_clock::time_point until) {
        apply_events();
        while (core.open() != 0) {
            events = inbox->take(until);
            if (events.empty()) {
                if (!inbox->is_stopped()) return false;
                core.end_all({errc::cancelled, "the job was given up with its task set, which was stopped"});
            }
            apply_events();
        }
        return true;
    }

    struct wake {
        std::shared_ptr<task_inbox> whom;
        void operator()() const { whom->stop(); }
    };

    client& with;
    const std::shared_ptr<task_inbox> inbox;
    std::vector<call_id> calls;       ///< of the tasks that have been submitted
    std::deque<task_event> events{};  ///< taken, and not dealt with yet
    task_set_core core;
    const std::stop_callback<wake> on_stop;
};

task_set::task_set(client& by, task_set_options how) : shell_(std::make_unique<shell>(by, std::move(how))) {}

task_set::~task_set() {
    shell_->inbox->close();
    for (std::size_t i = 0; i < shell_->calls.size(); ++i) {
        if (!shell_->core[i].has_ended) shell_->cancel(i);
    }
}

std::size_t task_set::add(job_request request, task_callbacks callbacks) {
    return shell_->core.add(std::move(request), std::move(callbacks));
}

void task_set::run() { shell_->wait_until(steady_clock::time_point::max()); }

bool task_set::run_for(std::chrono::milliseconds limit) {
    if (wait_for(limit)) return true;
    shell_->core.end_all({errc::timeout, "the job had not ended when the " + std::to_string(limit.count()) +
                                             " ms of its task set were over"});
    return false;
}

bool task_set::wait_for(std::chrono::milliseconds limit) {
    return shell_->wait_until(steady_clock::now() + std::clamp(limit, std::chrono::milliseconds(0), for_ever));
}

void task_set::cancel() { shell_->core.end_all({errc::cancelled, "the job was cancelled with its task set"}); }

std::size_t task_set::size() const noexcept { return shell_->core.size(); }
std::size_t task_set::open() const noexcept { return shell_->core.open(); }
bool task_set::all_complete() const noexcept { return shell_->core.all_complete(); }

const task_outcome& task_set::operator[](std::size_t task) const noexcept {
    SHEAF_ASSERT(task < size(), "a task set knows the jobs that were added to it");
    return shell_->core[task];
}

}  // namespace sheaf::runtime
