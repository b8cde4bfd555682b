#include "call/callback_thread.hpp"

#include <utility>
#include <vector>

namespace sheaf::detail {
namespace {

/// Threads that could not be joined where they were finished, which was on themselves. Joined when the program ends.
class leaving_threads {
  public:
    ~leaving_threads() {
        for (std::thread& one : threads_) one.join();
    }
    void add(std::thread one) {
        const std::lock_guard lock(mutex_);
        threads_.push_back(std::move(one));
    }

  private:
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

leaving_threads& leaving() {
    static leaving_threads all;
    return all;
}

}  // namespace

void callback_thread::post(std::function<void()> callback) {
    {
        const std::lock_guard lock(mutex_);
        if (!finished_) {
            waiting_.push_back(std::move(callback));
            if (!thread_.joinable()) thread_ = std::thread([self = shared_from_this()] { self->work(); });
            arrived_.notify_one();
            return;
        }
    }
    callback();
}

void callback_thread::finish() {
    std::thread ending;
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
        ending = std::move(thread_);
        arrived_.notify_one();
    }
    if (!ending.joinable()) return;
    if (ending.get_id() == std::this_thread::get_id()) return leaving().add(std::move(ending));
    ending.join();
}

void callback_thread::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        arrived_.wait(lock, [this] { return finished_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        auto callback = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        callback();
        callback = nullptr;  // without the lock: what it holds may end a cluster, and call finish()
        lock.lock();
    }
}

}  // namespace sheaf::detail
