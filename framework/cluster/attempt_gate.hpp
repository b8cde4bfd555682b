// Whether a job that a worker was assigned is run, and as which attempt.
#pragma once

#include <cstddef>
#include <optional>

#include "cluster/slot_board.hpp"

namespace sheaf::detail {

/// One job in one slot: claims it on the board while it exists. Without a board every job is a first attempt.
class attempt_gate {
  public:
    /// `attempts` is how often the job may be tried. Blocks, briefly, when a sibling has just died over the job and the
    /// supervisor has not said so yet. `board`, if there is one, must outlive this.
    attempt_gate(slot_board* board, std::size_t slot, job_hash job, unsigned attempts);
    ~attempt_gate();
    attempt_gate(const attempt_gate&) = delete;
    attempt_gate& operator=(const attempt_gate&) = delete;

    /// Why the job is not to be run: processes have died over it as often as it may be tried. This is the last of them.
    [[nodiscard]] const std::optional<loss>& refusal() const noexcept { return refusal_; }
    /// Which attempt this is, from 1; when the job is refused, the last that was made.
    [[nodiscard]] unsigned attempt() const noexcept { return attempt_; }

  private:
    slot_board* board_;
    std::size_t slot_;
    job_hash job_;
    std::optional<loss> refusal_;
    unsigned attempt_ = 1;
};

}  // namespace sheaf::detail
