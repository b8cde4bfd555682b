// What Sheaf's own server does with a background job besides running it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sheaf::runtime {

/// Terms of a background job, kept by the server: also when the client has gone, and when the server is started again.
/// Aggregate: name what differs from the defaults.
struct job_terms {
    /// Counts from when the server takes the job, in milliseconds. For a time of day there is job_request::run_at.
    std::chrono::milliseconds delay{0};
    /// How often it is tried, in all: after a failure, an exception or a time-out, that is; losing a worker does not count.
    /// Then it is a dead letter. 0: as often as the server is told to try jobs that say nothing.
    std::uint32_t attempts = 0;
    /// The pause before the second attempt; each later one is `backoff_factor` times as long, and none longer than backoff_max.
    std::chrono::milliseconds backoff{1000};
    double backoff_factor = 2;
    std::chrono::milliseconds backoff_max{600000};
    /// How long its result can be fetched after it has ended; 0: not at all. Nothing: as the server has it.
    std::optional<std::chrono::seconds> keep{};
};

}  // namespace sheaf::runtime
