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

struct job_terms {
    std::uint32_t attempts = 0;  ///< how often it may be tried; 0: as often as the server says
    backoff pause{};
    std::optional<std::chrono::seconds> keep{};  ///< how long its result is kept; empty: as long as the server says

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
