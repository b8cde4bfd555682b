// A worker on a thread of its own.
#pragma once

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "sheaf/runtime/worker.hpp"

namespace sheaf::test {

/// A worker on a thread of its own, which is stopped at the end.
class running_worker {
  public:
    using offers = std::vector<std::pair<std::string, runtime::job_handler>>;

    running_worker(runtime::worker_options how, offers functions) : worker_(std::move(how)) {
        for (auto& [function, handler] : functions) worker_.offer(function, std::move(handler));
        thread_ = std::thread([this] { worker_.run(); });
    }
    ~running_worker() {
        worker_.stop();
        wait();
    }
    runtime::worker& operator*() { return worker_; }
    runtime::worker* operator->() { return &worker_; }
    void wait() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    runtime::worker worker_;
    std::thread thread_;
};

inline runtime::job_answer reverse(runtime::assignment& job) {
    const std::string_view text = job.payload().view();
    return runtime::job_answer::complete(shared_bytes(std::string(text.rbegin(), text.rend())));
}

}  // namespace sheaf::test
