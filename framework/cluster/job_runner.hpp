// Runs bound tasks for jobs: opens the envelope, asks the gate, runs the handler, and wraps up what became of it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cluster/slot_board.hpp"
#include <sheaf/detail/binding.hpp>
#include <sheaf/runtime/endpoint.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::detail {

/// "host/pid", for this host and `pid`: how workers are called in failures.
[[nodiscard]] std::string worker_name(pid_t pid);

/// One per worker process. Any thread; the slots run side by side.
class job_runner {
  public:
    /// `board`, if there is one, must outlive this; `first_slot` is the place on it of the slot 0 of this process.
    job_runner(slot_board* board, std::size_t first_slot, const std::vector<endpoint>& servers);

    /// Answers `job` with what `task` makes of it. Never throws but std::bad_alloc.
    [[nodiscard]] runtime::job_answer run(const binding& task, runtime::assignment& job) const;

    /// The handler in `slot` will not return, and its job has been answered: gives up the job's claim on the board.
    void abandon(std::size_t slot) const noexcept;

  private:
    struct terms;

    [[nodiscard]] job_hash hash(const runtime::assignment& job) const;
    [[nodiscard]] runtime::job_answer run_on(const binding& task, runtime::assignment& job, const terms& how) const;
    [[nodiscard]] runtime::job_answer failed(const binding& task, failure why, unsigned attempt) const;

    slot_board* board_;
    std::size_t first_slot_;
    std::vector<std::string> servers_;  ///< as text, by their index
    std::string worker_;                ///< worker_name() of this process
};

}  // namespace sheaf::detail
