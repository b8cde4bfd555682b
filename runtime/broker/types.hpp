// The words of the broker: who is connected, what a job is called, and when things happen.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong_id.hpp"
#include "protocol/packet.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::broker {

using steady_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

/// Now, by both clocks. Intervals use the steady one; only epoch jobs and time to live use the wall clock.
struct instant {
    steady_time steady;
    wall_time wall;
};

/// A connection, from `connected` to `disconnected`. The shell gives the numbers and may use one again after that.
using connection_id = strong_id<struct connection_tag, std::uint32_t>;

/// A job for as long as this broker (and its store) lives; the number in its handle.
using job_id = strong_id<struct job_tag, std::uint64_t>;

/// What the store keeps of a background job.
struct job_record {
    job_id id;
    std::string function;
    std::string unique;
    std::string reducer;
    protocol::priority priority = protocol::priority::normal;
    wall_time run_at{};  ///< the epoch, for a job that is due at once
    shared_bytes payload;
};

}  // namespace sheaf::broker
