// The role of a process that makes calls.
#pragma once

#include <string>
#include <vector>

#include "cluster/role.hpp"
#include "cluster/worker_program.hpp"
#include <sheaf/app.hpp>

namespace sheaf::detail {

/// Runs `main` against the servers that `as` names or, when it names none, a cluster of this program's own, of processes or
/// of threads that serve its tasks. Returns the exit code. `argv` is all of it.
[[nodiscard]] int drive(const worker_program& program, const std::vector<std::string>& argv, const role& as,
                        const app::driver& main);

}  // namespace sheaf::detail
