// Running, waiting, and the handle that users hold.
#include "map_reduce/run_thread.hpp"

#include <utility>

#include <sheaf/map_reduce_run.hpp>

namespace sheaf {
namespace detail {

run_thread::run_thread(body what, std::stop_token stop)
    : passes_on_(std::move(stop), [this] { stop_.request_stop(); }),
      thread_([this, what = std::move(what)] { run(what); }) {}

run_thread::~run_thread() {
    cancel();
    thread_.join();
}

void run_thread::run(const body& what) {
    std::optional<map_reduce_report> report;
    std::exception_ptr failed;
    try {
        report = what(board_, stop_.get_token());
    } catch (...) {
        failed = std::current_exception();
    }
    {
        const std::lock_guard held(mutex_);
        report_ = std::move(report);
        failed_ = std::move(failed);
        over_ = true;
    }
    board_.close();
    ended_.notify_all();
}

map_reduce_report run_thread::wait() {
    std::unique_lock held(mutex_);
    ended_.wait(held, [this] { return over_; });
    if (failed_) std::rethrow_exception(failed_);
    return *report_;
}

std::optional<map_reduce_event> next_event_of(run_thread& run) { return run.board().next_event(); }

}  // namespace detail

map_reduce_run::map_reduce_run(std::unique_ptr<detail::run_thread> thread) noexcept : thread_(std::move(thread)) {}
map_reduce_run::map_reduce_run(map_reduce_run&& other) noexcept = default;
map_reduce_run& map_reduce_run::operator=(map_reduce_run&& other) noexcept = default;
map_reduce_run::~map_reduce_run() = default;

map_reduce_progress map_reduce_run::progress() const { return thread_->board().progress(); }
map_reduce_report map_reduce_run::wait() { return thread_->wait(); }
void map_reduce_run::cancel() { thread_->cancel(); }

}  // namespace sheaf
