// What a supervisor and its workers know of each other's jobs: a page of shared memory that outlives any worker.
//
// Each handler thread of each worker process has a slot, in which it claims the job that it is about to run; those that run
// jobs while a slot is lent have one of the process's lent slots, which follow all the others. When a
// process dies, its supervisor turns the claims that it left into losses. A job server that re-queues the job (as all do)
// hands it to a sibling, which finds the loss, and so knows which attempt it is and what became of the one before.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/unique_fd.hpp"

namespace sheaf::detail {

/// Names a job among the servers and jobs of one supervisor's workers. Zero: no job.
using job_hash = std::uint64_t;

/// The hash of the job that `server` calls `handle`. The payload takes part because some servers number their jobs from
/// one again when they are restarted.
[[nodiscard]] job_hash hash_job(std::string_view server, std::string_view handle, std::string_view payload);

/// How the worker process ended that last ran a job.
struct loss {
    pid_t pid = 0;
    int signal = 0;  ///< that ended it; 0: it exited
    int exit_code = 0;
    unsigned count = 0;                     ///< how many processes have died over the job so far
    std::string account{};                  ///< how it ended, for a person; at most loss_text_max with the lines
    std::vector<std::string> last_lines{};  ///< that it wrote to its standard error; they hold no newlines
};

inline constexpr std::size_t loss_text_max = 3072;

/// So many handlers of one worker process may wait at once with their slots lent.
inline constexpr std::size_t lent_slots_max = 64;

/// Where the slots of one worker process are on the board.
struct process_slots {
    std::size_t first = 0;       ///< of its own slots
    std::size_t count = 1;       ///< of these
    std::size_t first_lent = 1;  ///< of its lent_slots_max lent ones

    /// Where `slot` of the process is, counted as runtime::assignment::slot() does.
    [[nodiscard]] std::size_t place(std::size_t slot) const noexcept {
        return slot < count ? first + slot : first_lent + (slot - count);
    }
};

/// Shared by one supervisor, which alone records losses, and its workers. Any thread.
class slot_board {
  public:
    static constexpr std::size_t slots_max = 4096;

    /// A board of its own, in memory that only descriptor() names, for `processes` with `slots` each: 1 to slots_max in all,
    /// to which the lent ones are added.
    [[nodiscard]] static slot_board create(std::size_t processes, std::size_t slots = 1);
    /// The board that `descriptor` names. Throws runtime_failure when it is none.
    [[nodiscard]] static slot_board attach(unique_fd descriptor);

    slot_board(slot_board&& other) noexcept;
    slot_board& operator=(slot_board&& other) noexcept;
    slot_board(const slot_board&) = delete;
    slot_board& operator=(const slot_board&) = delete;
    ~slot_board();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
    /// How many there are without the lent ones.
    [[nodiscard]] std::size_t slots() const noexcept { return slots_; }
    /// The slots of the process whose first is `first`, of `count`.
    [[nodiscard]] process_slots slots_of(std::size_t first, std::size_t count) const noexcept {
        return {first, count, slots_ + first / count * lent_slots_max};
    }
    /// A number that no other board has.
    [[nodiscard]] std::uint64_t nonce() const noexcept;

    /// Says that `slot`, of the calling process, is about to run `job`.
    void claim(std::size_t slot, job_hash job) noexcept;
    /// Says that the job of `slot` has ended, whatever its outcome.
    void release(std::size_t slot) noexcept;
    /// Whether a slot of another process claims `job`.
    [[nodiscard]] bool claimed_elsewhere(job_hash job) const noexcept;
    /// Waits until no other process claims `job`, or `limit` is over: a process that died over the job keeps its claim
    /// until the supervisor has recorded the loss. Returns whether the claim is gone.
    bool await_verdict(job_hash job, std::chrono::milliseconds limit) const;

    /// The loss recorded for `job`, if there is one.
    [[nodiscard]] std::optional<loss> find_loss(job_hash job) const;
    /// Forgets the loss recorded for `job`: someone has answered it.
    void forget_loss(job_hash job) noexcept;
    /// Turns the claim of `slot`, whose process has died as `how` says, into a loss. `how.count` is ignored. Returns the
    /// loss as it is recorded, or nothing when the slot claimed no job.
    std::optional<loss> record_loss(std::size_t slot, const loss& how);

  private:
    struct layout;

    slot_board(unique_fd descriptor, std::size_t slots, std::size_t all, std::size_t bytes);
    [[nodiscard]] bool is_claimed_elsewhere(job_hash job, std::size_t first, std::size_t end) const noexcept;

    unique_fd descriptor_;
    std::size_t slots_ = 0;
    std::size_t all_ = 0;  ///< with the lent ones
    std::size_t bytes_ = 0;
    layout* page_ = nullptr;
};

}  // namespace sheaf::detail
