// The cluster that `sheaf up` runs: a job server in this process, and worker processes under a supervisor.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "up/cluster_name.hpp"
#include "up/cluster_state.hpp"

namespace sheaf::up {

struct host_options {
    cluster_paths paths;  ///< whose cluster_ownership the caller has
    std::string program;  ///< an absolute path; what is there now is what workers run, whatever is there later
    std::vector<std::string> arguments;  ///< its argv
    std::size_t workers = 1;
    std::size_t slots = 1;                     ///< handler threads per worker
    std::vector<endpoint> listen;              ///< besides the Unix-domain socket
    std::chrono::milliseconds grace{10000};    ///< for running jobs, at a signal
    std::chrono::milliseconds start_limit{0};  ///< supervisor_options::start_limit
    /// Called when all workers have registered at the server for the first time.
    std::function<void(const cluster_state&)> on_ready;
    /// Called on any thread with a line for a person.
    std::function<void(const std::string& line)> on_event;
};

/// How many worker processes a cluster that begins with `workers` may be scaled to: memory for them is set aside.
[[nodiscard]] std::size_t workers_max(std::size_t workers, std::size_t slots);

/// Runs the cluster until it is told to end: by a request, SIGINT, SIGTERM or SIGHUP; a second signal does not wait for running
/// jobs. Returns the exit code. Throws runtime_failure when it cannot begin.
[[nodiscard]] int host_cluster(host_options how);

}  // namespace sheaf::up
