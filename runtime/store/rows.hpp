// What is kept: jobs, results of jobs, and dead letters.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::store {

/// A job's number; never used again.
using job_number = std::uint64_t;
using wall_time = std::chrono::system_clock::time_point;

/// A kept job. Text: std::string, or std::string_view where it need only be valid during a call.
template <class Text>
struct basic_job_row {
    job_number id = 0;
    Text function{};
    Text unique{};
    Text reducer{};
    std::uint8_t priority = 0;
    wall_time run_at{};
    std::uint32_t attempts = 0;  ///< that have failed
    std::uint32_t losses = 0;    ///< workers that were lost with it
    Text terms{};                ///< what its submitter wants done with it, in the broker's words
    shared_bytes payload{};
};
using job_row = basic_job_row<std::string>;
using job_row_view = basic_job_row<std::string_view>;

/// What a job that is to be tried again has behind it, and when it is due.
struct attempt_note {
    job_number id = 0;
    std::uint32_t attempts = 0;
    std::uint32_t losses = 0;
    wall_time run_at{};
};

/// A job that has ended well.
struct result_row {
    job_number id = 0;
    std::string function{};
    std::string unique{};
    wall_time ended{};
    wall_time expires{};
    std::uint64_t bytes = 0;  ///< of the whole result; more than `data` has when that was too large to keep
    shared_bytes data{};

    [[nodiscard]] bool is_whole() const noexcept { return bytes == data.size(); }
};

/// A job that has failed for good.
struct dead_letter {
    job_row job;
    std::string reason{};      ///< a sentence
    std::string worker{};      ///< who had it last
    std::string log{};         ///< the end of what that worker said of it
    shared_bytes exception{};  ///< the data of WORK_EXCEPTION; empty when there was none
    wall_time died{};
};

}  // namespace sheaf::store
