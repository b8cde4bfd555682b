// What a test and the wrong clock of another process share: one file, mapped by both, so that it can be set while the process runs.
#pragma once

#include <atomic>
#include <cstdint>

namespace sheaf::test::shim {

/// Names the file to the library in the process.
inline constexpr const char* clock_variable = "SHEAF_WRONG_CLOCK";

struct clock_error {
    std::atomic<std::int64_t> seconds;  ///< by how much the wall clock is ahead
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace sheaf::test::shim
