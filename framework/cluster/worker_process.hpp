// The role of a process that serves tasks.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cluster/role.hpp"
#include <sheaf/detail/binding.hpp>

namespace sheaf::detail {

/// Serves `tasks` until the process is told to stop (SIGTERM; SIGINT too when it has no supervisor) or its supervisor has
/// gone. Returns the exit code. `name` is the program's, for messages.
[[nodiscard]] int serve_tasks(const std::string& name, std::span<const binding> tasks, const role& as);

}  // namespace sheaf::detail
