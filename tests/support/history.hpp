// What clients and workers of a queue have seen, written down by themselves, and whether it can be the history of one that
// keeps its promises: the invariants I1 to I10. Independent of the server: it knows only what was sent, said and handed out.
//
//   I1   every acknowledged job is executed, or is still queued; one that has only failed is a dead letter
//   I2   nothing is executed that was refused, or that nobody submitted
//   I3   a job is executed again only if it has failed, or was in flight at a fault
//   I4   of a unique key one job is executed at a time, by workers that have not been cut off
//   I5   a job arrives with the payload that it was submitted with
//   I6   no job is executed before its time
//   I7   every call ends by its deadline, and a second
//   I8   ten seconds after the last fault the queue is empty
//   I9   of jobs that wait together, those of higher priority are handed out first
//   I10  a handle names one job for ever, and the server knows it as long as the job waits, and not longer than it runs
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace sheaf::test {

enum class fact : std::uint8_t {
    submitted,     ///< is about to be sent: job, checksum, unique, priority, run_at
    acknowledged,  ///< the server has taken it: job, handle
    refused,       ///< the server has said that it does not take it: job
    begun,         ///< `who` was handed it: job, handle, checksum, asked_at
    done,          ///< `who` is about to say that it has ended: job
    failed,        ///< `who` is about to say that it has failed: job
    ended,         ///< the server has answered something that was said after that: job
    /// Something was broken from asked_at until now: of the whole system, or of `who`; "clock" if the wall clock was set.
    fault,
    healed,    ///< nothing is broken any more
    drained,   ///< the queue was seen to be empty
    queued,    ///< was seen to be in the queue at the very end: job
    dead,      ///< was seen to be a dead letter at the very end: job
    called,    ///< `who` has asked for something that must end within `limit`
    returned,  ///< `who` has an answer, or knows that there is none
    known,     ///< the server was asked at asked_at, and knows the handle
    unknown,   ///< the server was asked at asked_at, and does not know the handle
};

struct event {
    std::chrono::nanoseconds at{0};  ///< by the steady clock, which is the same for all processes of a machine
    fact what{};
    std::string who{};
    std::string job{};  ///< a name that the submitter gave it, of each submission another
    std::string unique{};
    std::string handle{};
    std::uint64_t checksum = 0;
    int priority = 1;                      ///< 0 goes first
    std::chrono::milliseconds run_at{0};   ///< of the Unix time; 0: at once
    std::chrono::milliseconds wall{0};     ///< of the Unix time, when it was written down
    std::chrono::nanoseconds asked_at{0};  ///< when the question was sent to which this is the answer; 0: just then
    std::chrono::milliseconds limit{0};

    friend bool operator==(const event&, const event&) = default;
};

using history = std::vector<event>;

/// An invariant that does not hold.
struct violation {
    std::string invariant;  ///< "I1" ... "I10"
    std::string what;

    friend bool operator==(const violation&, const violation&) = default;
    friend std::ostream& operator<<(std::ostream& to, const violation& one) {
        return to << one.invariant << ": " << one.what;
    }
};

/// All that is wrong with `all`, whose order does not matter. Pure.
[[nodiscard]] std::vector<violation> check(history all);
/// The same for people: the first few of each invariant, a line for each. Empty when nothing is wrong.
[[nodiscard]] std::string complaints(const history& all);

/// What has happened, in numbers.
struct summary {
    std::size_t submitted = 0;
    std::size_t acknowledged = 0;
    std::size_t refused = 0;
    std::size_t dead = 0;
    std::size_t executions = 0;
    std::size_t again = 0;  ///< executions after one that had not failed
    /// Executions that were in flight when the whole system was hit: asked for before that was over, and not known to have
    /// ended, on the disk, when it began.
    std::size_t in_flight = 0;
    std::size_t lost = 0;  ///< what I1 is about
    std::size_t ghosts = 0;
    std::size_t corrupted = 0;
    std::size_t faults = 0;
};
[[nodiscard]] summary summarize(const history& all);

/// Now, as events tell it.
[[nodiscard]] std::chrono::nanoseconds steady_now();
/// The checksum that events carry.
[[nodiscard]] std::uint64_t checksum_of(std::string_view payload);

/// Writes events down, one write to the end of a file for each: they outlive the process. May be used by several threads.
class recorder {
  public:
    explicit recorder(const std::filesystem::path& file);

    /// Fills in `at`, where it is not given, and `wall`. Returns `at`.
    std::chrono::nanoseconds add(event one);

  private:
    unique_fd file_;
};

/// What the recorders of a directory have written.
[[nodiscard]] history read_history(const std::filesystem::path& directory);

/// The form in which it is written: a line for each.
[[nodiscard]] std::string to_line(const event& one);
[[nodiscard]] event from_line(std::string_view line);

}  // namespace sheaf::test
