#include "fetch/task_threads.hpp"

#include <utility>

namespace sheaf::fetch {

task_threads::~task_threads() {
    {
        const std::lock_guard held(door_);
        over_ = true;
        waiting_.clear();
    }
    changed_.notify_all();
    for (std::thread& one : threads_) one.join();
}

void task_threads::run(std::function<void()> work) {
    const std::lock_guard held(door_);
    waiting_.push_back(std::move(work));
    if (waiting_.size() > resting_ && threads_.size() < threads_max_) threads_.emplace_back([this] { serve(); });
    changed_.notify_one();
}

void task_threads::serve() {
    std::unique_lock held(door_);
    while (!over_) {
        if (waiting_.empty()) {
            ++resting_;
            changed_.wait(held, [this] { return over_ || !waiting_.empty(); });
            --resting_;
            continue;
        }
        const auto work = std::move(waiting_.front());
        waiting_.pop_front();
        held.unlock();
        work();
        held.lock();
    }
}

}  // namespace sheaf::fetch
