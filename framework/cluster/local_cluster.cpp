#include "cluster/local_cluster.hpp"

#include "cluster/socket_directory.hpp"
#include "cluster/supervisor.hpp"
#include <sheaf/runtime/server.hpp>

namespace sheaf::detail {
namespace {

// Calls that still run when the driver has ended have nobody who waits for them.
constexpr std::chrono::milliseconds worker_grace{300};

runtime::server_options server_on(const endpoint& where) {
    runtime::server_options how;
    how.listen = {where};
    return how;
}

supervisor_options workers_for(const endpoint& server, local_cluster_options&& how) {
    supervisor_options result;
    // Not the path that argv or readlink would give: the file may have been replaced by another build since.
    result.program = "/proc/self/exe";
    result.arguments = std::move(how.arguments);
    result.servers = to_string(server);
    result.processes = how.workers;
    result.on_failed = std::move(how.on_failed);
    result.on_event = std::move(how.on_event);
    return result;
}

}  // namespace

struct local_cluster::parts {
    explicit parts(local_cluster_options&& how)
        : where{.host = {}, .port = 0, .path = directory.socket_path()},
          server(server_on(where)),
          workers(workers_for(where, std::move(how))) {
        server.start();
    }
    ~parts() {
        workers.stop(worker_grace);
        server.stop_now();
        server.wait();
    }
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;

    socket_directory directory;
    endpoint where;
    runtime::server server;
    supervisor workers;
};

local_cluster::local_cluster(local_cluster_options how) : parts_(std::make_unique<parts>(std::move(how))) {}
local_cluster::~local_cluster() = default;

const endpoint& local_cluster::server() const noexcept { return parts_->where; }

}  // namespace sheaf::detail
