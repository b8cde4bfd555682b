// A few threads that do what they are given.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sheaf::fetch {

/// Starts its threads when there is something for them to do. The destructor drops what has not begun, and waits for the rest.
class task_threads {
  public:
    explicit task_threads(std::size_t threads_max = 4) : threads_max_(threads_max) {}
    ~task_threads();
    task_threads(const task_threads&) = delete;
    task_threads& operator=(const task_threads&) = delete;

    /// `work` must not throw. From any thread.
    void run(std::function<void()> work);

  private:
    void serve();

    const std::size_t threads_max_;
    std::mutex door_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    std::size_t resting_ = 0;
    bool over_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace sheaf::fetch
