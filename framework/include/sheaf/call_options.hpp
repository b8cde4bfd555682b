// How one call, or each call of a scatter, is made.
#pragma once

#include <chrono>
#include <string>

#include <sheaf/runtime/client.hpp>

namespace sheaf {

using priority = runtime::job_priority;

/// For call_options::deadline: waits as long as it takes.
inline constexpr std::chrono::milliseconds forever = std::chrono::milliseconds::max();

/// Aggregate: name what differs from the defaults.
struct call_options {
    /// The whole call, all attempts and all waiting. Ends with errc::timeout.
    std::chrono::milliseconds deadline = std::chrono::hours(1);
    /// One attempt, from when the handler begins; enforced by the worker. 0: none.
    std::chrono::milliseconds attempt_timeout{0};
    /// How often the call is tried in all when its worker is lost or its connection breaks. A handler may then run twice.
    unsigned attempts = 1;
    sheaf::priority priority = sheaf::priority::normal;
    /// Calls of one task with the same key, at the same time, are one call. Empty: never.
    std::string unique{};
};

}  // namespace sheaf
