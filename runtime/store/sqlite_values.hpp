// How times and numbers stand in the tables.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "store/rows.hpp"

namespace sheaf::store {

[[nodiscard]] inline std::int64_t nanoseconds_of(wall_time at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

[[nodiscard]] inline wall_time time_of(std::int64_t nanoseconds) {
    return wall_time(std::chrono::duration_cast<wall_time::duration>(std::chrono::nanoseconds(nanoseconds)));
}

[[nodiscard]] inline std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }
[[nodiscard]] inline std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

[[nodiscard]] inline std::uint32_t count_of(std::int64_t number) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace sheaf::store
