// One reduce attempt at several partitions. Not for users.
#pragma once

#include <cstdint>
#include <functional>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// The checksum of an attempt at several partitions, from those of each, one after the other. The first comes behind 0. Each has its place,
/// or two that are swapped would go unnoticed.
[[nodiscard]] constexpr std::uint64_t add_checksum(std::uint64_t before, std::uint64_t next) noexcept {
    return before * 0x9e3779b97f4a7c15U + next;
}

/// Reduces each partition of the assignment with `one`, which takes an assignment of a single one, and adds up what they give.
/// Leaves no file behind when it throws.
[[nodiscard]] reduce_output reduce_partitions(const reduce_assignment& what,
                                              const std::function<reduce_output(const reduce_assignment&)>& one);

}  // namespace sheaf::detail
