// What `sheaf status` says, and what it exits with. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "up/cluster_state.hpp"
#include <sheaf/server_status.hpp>

namespace sheaf::up {

/// A named cluster, as its status is headed.
struct named_state {
    std::string name;
    cluster_state state;
};

/// For people:
///
///     cluster default: 4 workers of /home/me/wordcount, process 4711
///     server unix:/home/me/.local/state/sheaf/default/s: 2 functions
///       FUNCTION           QUEUED   RUNNING   WORKERS
///       wordcount.map          12         4         4
///       wordcount.reduce        3         0         0  nobody offers it
///
/// A server that has not answered is "server ADDRESS: no answer"; status_problems() says why. Names are made printable().
/// Functions of Sheaf itself are left out unless `internal`.
[[nodiscard]] std::string status_table(const std::optional<named_state>& cluster,
                                       const std::vector<server_report>& reports, bool internal);

/// A line for each server that has not answered, for standard error.
[[nodiscard]] std::string status_problems(const std::vector<server_report>& reports);

/// For programs, in one line:
///
///     {"cluster":{"name":"default","pid":4711,"program":"/home/me/wordcount","workers":4},
///      "degraded":true,
///      "servers":[{"server":"unix:/...","ok":true,"functions":[
///                    {"name":"wordcount.map","queued":12,"running":4,"workers":4}]},
///                 {"server":"jobs:4730","ok":false,"error":"connection_failed","message":"..."}]}
///
/// "cluster" is null when it has no name.
[[nodiscard]] std::string status_json(const std::optional<named_state>& cluster,
                                      const std::vector<server_report>& reports, bool internal);

/// 0: all is well; 1: a function has jobs queued and nobody who offers it; 3: a server does not answer.
[[nodiscard]] int status_exit_code(const std::vector<server_report>& reports);

}  // namespace sheaf::up
