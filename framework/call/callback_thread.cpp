#include "call/callback_thread.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace sheaf::detail {
namespace {

/// Threads that could not be joined where they were finished, which was on themselves. Joined when the program ends.
class leaving_threads {
  public:
    void add(std::thread one) {
        const std::lock_guard lock(mutex_);
        threads_.push_back(std::move(one));
    }
    /// Those too that are added meanwhile.
    void join_all() {
        for (auto some = taken(); !some.empty(); some = taken()) {
            for (std::thread& one : some) one.join();
        }
    }

  private:
    std::vector<std::thread> taken() {
        const std::lock_guard lock(mutex_);
        return std::exchange(threads_, {});
    }

    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

struct joined_at_the_end {
    explicit joined_at_the_end(leaving_threads& all) : threads(all) {}
    ~joined_at_the_end() { threads.join_all(); }
    joined_at_the_end(const joined_at_the_end&) = delete;
    joined_at_the_end& operator=(const joined_at_the_end&) = delete;

    leaving_threads& threads;
};

/// Never destroyed: one more thread may leave when the static objects are gone already.
leaving_threads& leaving() {
    alignas(leaving_threads) static std::array<std::byte, sizeof(leaving_threads)> room;
    static leaving_threads& all = *::new (room.data()) leaving_threads;
    static const joined_at_the_end end(all);
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
