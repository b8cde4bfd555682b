// Runs bound tasks for jobs: opens the envelope, asks the gate, runs the handler, and wraps up what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/handler_services.hpp"
#include "cluster/running_calls.hpp"
#include "cluster/slot_board.hpp"
#include "cluster/slot_limit.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/runtime/endpoint.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::detail {

/// "host/pid", for this host and `pid`: how workers are called in failures.
[[nodiscard]] std::string worker_name(pid_t pid);

struct job_runner_options {
    std::vector<endpoint> servers;  ///< in the order of runtime::worker_options
    process_slots slots;            ///< of this process; counted also without a board
    slot_board* board = nullptr;    ///< shared with siblings, if there is a supervisor
    std::string control;            ///< the function under which the process takes orders; empty: none
    handler_services services;
};

/// One per worker. Any thread; the slots run side by side.
class job_runner {
  public:
    explicit job_runner(job_runner_options how);

    /// Answers `job` with what `task` makes of it, when there is a place for it in `limit`, if that is given. Never throws
    /// but std::bad_alloc.
    [[nodiscard]] runtime::job_answer run(const binding& task, runtime::assignment& job, slot_limit* limit = nullptr);

    /// Nobody waits for `calls` any more: handlers that run them are asked to stop, and what has not begun does not.
    /// `before_stop` is told of each slot whose handler is asked. Any thread but the worker's I/O thread.
    void cancel(std::span<const std::uint64_t> calls, const std::function<void(std::size_t slot)>& before_stop);

    /// The handler in `slot` will not return, and its job has been answered: gives up the job's claim on the board.
    void abandon(std::size_t slot) const noexcept;

  private:
    struct terms;

    [[nodiscard]] job_hash hash(const runtime::assignment& job) const;
    [[nodiscard]] runtime::job_answer run_on(const binding& task, runtime::assignment& job, const terms& how,
                                             slot_limit* limit);
    [[nodiscard]] runtime::job_answer failed(std::string_view task, wire_form form, failure why,
                                             unsigned attempt) const;
    void give_signs_of_life(runtime::assignment& job, const terms& how, unsigned attempt) const;

    const job_runner_options how_;
    std::vector<std::string> servers_;  ///< as text, by their index
    const std::string worker_;          ///< worker_name() of this process
    const shared_bytes first_sign_;     ///< the sign of life of first attempts, which most are
    running_calls calls_;
};

}  // namespace sheaf::detail
