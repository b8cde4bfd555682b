// A Gearman job server inside any process: sheafd is one, and a program's own local cluster has one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::runtime {

/// How a server behaves. Aggregate: name what differs from the defaults.
struct server_options {
    /// TCP addresses (port 0: any free one) and Unix-domain sockets. Not empty.
    std::vector<endpoint> listen{endpoint{"127.0.0.1", default_port, {}}};
    /// What handles start with; empty: "H:" and the host's name. A part that is new with every server and a number follow,
    /// so that a handle never names a job of an earlier life. At most 24 bytes, none of them NUL.
    std::string handle_prefix{};
    /// How often a job whose worker was lost is handed out again: -1 for ever, 0 never, N times.
    int job_retries = -1;
    /// How many sleeping workers one runnable job wakes at first.
    std::size_t worker_wakeup = 1;
    /// Send WORK_EXCEPTION to clients that did not ask for exceptions too.
    bool exceptions = false;
    /// The largest packet that is taken, in bytes; a peer that announces a larger one is disconnected.
    std::uint32_t packet_bytes_max = 64U << 20;
    /// A peer that does not read is disconnected when more than this many bytes wait for it, besides one largest packet.
    std::size_t output_bytes_max = std::size_t{256} << 20;
    /// Peers beyond this number are turned away.
    std::size_t connections_max = 50000;
    /// How many connections may wait to be accepted.
    int backlog = 1024;
    /// How long stop() lets running jobs go on.
    std::chrono::milliseconds stop_grace{10000};
};

/// Listens from construction on, serves while start() or run() is in force. It uses one thread, touches no signal, and
/// keeps jobs in memory.
class server {
  public:
    /// Throws runtime_failure, with the address and what to do, when it cannot listen.
    explicit server(server_options how);
    /// Ends at once, without the grace of stop().
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Where it listens, in the order of server_options::listen, with the ports that the system chose.
    [[nodiscard]] const std::vector<endpoint>& endpoints() const noexcept;

    /// Serves on a thread of its own. Either this or run(), once.
    void start();
    /// Serves on the calling thread until the server has ended.
    void run();
    /// Ends gracefully: no new connection, no new job, none handed out; running ones may end within the grace. Returns at
    /// once. From any thread, more than once; not from a signal handler.
    void stop();
    /// Ends without waiting for running jobs. From any thread, also after stop().
    void stop_now();
    /// Waits until the thread of start() has ended. Call stop() first, or someone else must.
    void wait();

  private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

/// The version of this library, such as "0.1.0": what the admin command `version` reports.
[[nodiscard]] std::string_view version() noexcept;

}  // namespace sheaf::runtime
