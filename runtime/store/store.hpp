// Where background jobs are kept, so that they outlive the server: the interface that every engine implements.
//
// An engine gathers what it is told during a turn of the loop and makes it durable in batches. It never blocks its
// caller: that a job is kept, or cannot be, is told later and by batches, to the `answer` that the engine was given.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::store {

/// A job's number; never used again.
using job_number = std::uint64_t;

/// What is kept of a job, as views that are valid during the call.
struct job_row_view {
    job_number id = 0;
    std::string_view function;
    std::string_view unique;
    std::string_view reducer;
    std::uint8_t priority = 0;
    std::chrono::system_clock::time_point run_at;
    const shared_bytes& payload;
};

/// A kept job as it comes back after a restart.
struct job_row {
    job_number id = 0;
    std::string function;
    std::string unique;
    std::string reducer;
    std::uint8_t priority = 0;
    std::chrono::system_clock::time_point run_at;
    shared_bytes payload;
};

/// What became of one persist().
struct outcome {
    job_number id = 0;
    basic_result<void> result;  ///< an error: the job is not kept, and its submitter should hear why
};

/// Receives the outcomes of a batch. May be called on a thread of the engine's own, and from within commit().
using answer = std::function<void(std::span<const outcome>)>;

/// What makes the numbers and handles of jobs unique for ever.
struct identity {
    std::uint64_t life = 1;     ///< how often the store has been opened: another number each time
    std::uint64_t made_at = 0;  ///< when it was made, in seconds of the Unix time
    std::uint32_t token = 0;    ///< drawn by lot when it was made
};

/// One thread uses it.
class store {
  public:
    virtual ~store() = default;

    [[nodiscard]] virtual identity who() const noexcept = 0;

    /// Everything that is kept, in the order it was persisted. Called once, before anything else.
    virtual std::vector<job_row> recover() = 0;
    /// Asks for `row` to be kept. Answered once, after the next commit().
    virtual void persist(const job_row_view& row) = 0;
    /// The job has ended. Needs no answer: a job that comes back after a crash although it had ended is run again.
    virtual void forget(job_number job) = 0;
    /// The turn is over: what was gathered may be written now.
    virtual void commit() = 0;
};

}  // namespace sheaf::store
