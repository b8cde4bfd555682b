// Which role a process has, as its environment says it, and what a supervisor tells its workers there.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {

/// What a worker that has a supervisor knows of it.
struct supervision {
    std::size_t first_slot = 0;  ///< of the slots on the board that are this process's
    std::size_t slots = 1;       ///< how many: its handler threads
    pid_t supervisor = 0;

    friend bool operator==(const supervision&, const supervision&) = default;
};

struct role {
    bool worker = false;
    bool in_process = false;           ///< a driver with server and workers in threads of its own process
    std::vector<endpoint> servers;     ///< empty only for a driver: it starts a local cluster
    std::size_t local_workers = 1;     ///< how many processes a local cluster has, or threads for handlers
    std::optional<supervision> under;  ///< only of workers
};

/// The value of an environment variable, if it is set.
using environment_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The variable of this process; an environment_lookup.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);

/// Reads SHEAF_ROLE, SHEAF_SERVER and SHEAF_WORKERS; `cores` stands in for the last when it is not set. Errors are
/// sentences that name the variable.
[[nodiscard]] basic_result<role> read_role(const environment_lookup& environment, std::size_t cores);

/// read_role() of this process, with SHEAF_ROLE and the supervisor's variable removed, or programs that a handler starts
/// would be workers, too; of a worker also SHEAF_SERVER, so that they start as if by hand. Changes the environment: call
/// before there are other threads.
[[nodiscard]] basic_result<role> take_role();

/// The variables that make a child of ours a worker.
[[nodiscard]] std::vector<std::string> worker_variables(const std::string& servers, const supervision& under);

/// Our environment without what worker_variables() sets.
[[nodiscard]] std::vector<std::string> environment_for_workers();

}  // namespace sheaf::detail
