// Steps of a plan that block, each on a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <thread>

#include "pipeline/machine.hpp"
#include <sheaf/detail/plan_graph.hpp>

namespace sheaf::detail {

/// Used by one thread, the run's.
class blocking_steps {
  public:
    /// `on` is what the steps are given.
    explicit blocking_steps(std::shared_ptr<cluster> on) : on_(std::move(on)) {}
    blocking_steps(const blocking_steps&) = delete;
    blocking_steps& operator=(const blocking_steps&) = delete;
    ~blocking_steps() { end(); }

    /// Runs `what`, which must outlive it, and then `ended`, on the new thread.
    void start(call_tag tag, const block_node& what, shared_bytes item, std::function<void(raw_result)> ended);
    /// Asks the step to stop.
    void stop(call_tag tag);
    /// Asks all steps to stop, waits for them, and lets go of the cluster.
    void end();

  private:
    struct step {
        call_tag tag = 0;
        std::shared_ptr<std::atomic<bool>> is_over;
        std::jthread thread;
    };

    std::shared_ptr<cluster> on_;
    std::list<step> steps_;
};

}  // namespace sheaf::detail
