// One reduce attempt at several partitions. Not for users.
#pragma once

#include <functional>

#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// Reduces each partition of the assignment with `one`, which takes an assignment of a single one, and adds up what they give.
/// Leaves no file behind when it throws.
[[nodiscard]] reduce_output reduce_partitions(const reduce_assignment& what,
                                              const std::function<reduce_output(const reduce_assignment&)>& one);

}  // namespace sheaf::detail
