// Deadlines of jobs, from times that may be longer than a clock can count.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "call/call_plan.hpp"

namespace sheaf::detail {

/// `time` from now; nothing when that is as good as never.
[[nodiscard]] inline std::optional<std::chrono::steady_clock::time_point> deadline_after(
    std::chrono::milliseconds time) {
    if (time > longest_time) return std::nullopt;
    return std::chrono::steady_clock::now() + std::max(time, std::chrono::milliseconds(0));
}

}  // namespace sheaf::detail
