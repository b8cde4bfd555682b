// What the submitter of a background job wants done with it, and how it says so to `sheaf.enqueue`.
//
// Terms are text, so that clients in any language can write them: a line for each, "NAME VALUE\n".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "broker/types.hpp"

namespace sheaf::broker {

/// How a job that failed is tried again: after `first`, then after `factor` times as long each time, up to `most`.
struct backoff {
    std::chrono::milliseconds first{1000};
    double factor = 2;
    std::chrono::milliseconds most{600'000};

    friend bool operator==(const backoff&, const backoff&) = default;
};

/// Where a job stands in a run: a detached pipeline, which the server carries on by itself.
struct run_place {
    job_id run{};
    bool is_visit = false;        ///< a worker walks the plan; else it calls a task
    std::uint32_t node = 0;       ///< of the plan
    job_id frame{};               ///< where what comes of it meets other parts; 0: it is the item itself
    std::uint32_t slot = 0;       ///< and which of the parts it is
    std::uint32_t tried = 0;      ///< how often the call has failed as other jobs
    bool answer_is_part = false;  ///< what the call answers goes into the frame as it is
    bool wants_request = false;   ///< who reads the answer needs the call's payload

    friend bool operator==(const run_place&, const run_place&) = default;
};

struct job_terms {
    std::uint32_t attempts = 0;  ///< how often it may be tried; 0: as often as the server says
    backoff pause{};
    std::optional<std::chrono::seconds> keep{};  ///< how long its result is kept; empty: as long as the server says
    std::optional<run_place> of{};               ///< only of jobs that the server has made itself

    friend bool operator==(const job_terms&, const job_terms&) = default;
};

/// Only what differs from the defaults.
[[nodiscard]] std::string write_terms(const job_terms& terms);
/// Empty when `text` is not what write_terms() writes.
[[nodiscard]] std::optional<job_terms> read_terms(std::string_view text);

/// What the data of a submission of `sheaf.enqueue` says.
struct enqueue_request {
    std::string_view function;
    job_terms terms;
    std::optional<std::chrono::milliseconds> delay{};
    std::optional<wall_time> at{};
    std::string_view payload;  ///< what follows the terms and an empty line
};
/// What is wrong with it, for people, when it is malformed.
[[nodiscard]] std::variant<enqueue_request, std::string> read_enqueue(std::string_view data);

/// When a job that has failed `attempts` times is tried again, counted from its last failure. Jobs that failed together are not
/// tried together: up to a fifth more or less, by the job's number.
[[nodiscard]] std::chrono::milliseconds pause_before_next(const backoff& how, std::uint32_t attempts, job_id job);

}  // namespace sheaf::broker
