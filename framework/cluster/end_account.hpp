// What is told of the end of a worker process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/child_process.hpp"

namespace sheaf::detail {

/// What a supervisor knows of an end besides the status.
struct end_circumstances {
    bool killed_by_us = false;    ///< it should have ended, had not, and was sent SIGKILL
    bool memory_ran_out = false;  ///< the kernel has ended processes for want of memory while it ran
};

/// describe(), and of SIGKILL who may have sent it, and how much memory the process had at most.
[[nodiscard]] std::string account_of(const exit_report& how, const end_circumstances& around);

/// How many processes of this machine the kernel has ended for want of memory, if it says so.
[[nodiscard]] std::optional<std::uint64_t> count_memory_kills();
/// That number in the text of /proc/vmstat.
[[nodiscard]] std::optional<std::uint64_t> memory_kills_in(std::string_view vmstat);

}  // namespace sheaf::detail
