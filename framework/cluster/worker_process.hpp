// The role of a process that serves tasks.
#pragma once

#include "cluster/role.hpp"
#include "cluster/worker_program.hpp"

namespace sheaf::detail {

/// Serves the tasks of `program` that the environment means until the process is told to stop (SIGTERM; SIGINT too when it has
/// no supervisor) or its supervisor has gone. Returns the exit code. Changes the environment: call before there are other
/// threads.
[[nodiscard]] int serve_tasks(const worker_program& program, const role& as);

}  // namespace sheaf::detail
