// Runs periodic work beside the handlers, each on a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/worker_setup.hpp"

namespace sheaf::detail {

class periodic_threads {
  public:
    /// Each of `what` first runs when one period has passed. What it throws is printed, with `program` in front, and it is
    /// run again after the next period. A run that takes longer than the period is not overtaken.
    periodic_threads(std::string program, const std::vector<periodic_work>& what);
    /// Waits for what runs.
    ~periodic_threads();
    periodic_threads(const periodic_threads&) = delete;
    periodic_threads& operator=(const periodic_threads&) = delete;

    /// Nothing is begun any more. From any thread; does not wait.
    void stop();

  private:
    void repeat(const periodic_work& what);

    const std::string program_;
    std::mutex door_;
    std::condition_variable stopping_;
    bool stopped_ = false;  ///< guarded by door_
    std::vector<std::jthread> threads_;
};

}  // namespace sheaf::detail
