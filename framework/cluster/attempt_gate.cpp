#include "cluster/attempt_gate.hpp"

#include <algorithm>
#include <chrono>

namespace sheaf::detail {
namespace {

// A supervisor reaps within microseconds. Who takes longer has not died: it lost its connection to the server, which gave
// the job away, while its handler still runs.
constexpr std::chrono::milliseconds verdict_patience{1000};

}  // namespace

attempt_gate::attempt_gate(slot_board* board, std::size_t slot, job_hash job, unsigned attempts)
    : board_(board), slot_(slot), job_(job) {
    if (board_ == nullptr) return;
    if (board_->claimed_elsewhere(job_)) board_->await_verdict(job_, verdict_patience);
    const auto before = board_->find_loss(job_);
    if (before && before->count >= std::max(attempts, 1U)) {
        refusal_ = before;
        attempt_ = before->count;
        return;
    }
    if (before) attempt_ = before->count + 1;
    board_->claim(slot_, job_);
}

attempt_gate::~attempt_gate() {
    if (board_ == nullptr) return;
    if (!refusal_) board_->release(slot_);
    if (refusal_ || attempt_ > 1) board_->forget_loss(job_);
}

}  // namespace sheaf::detail
