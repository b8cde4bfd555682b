// A Gearman job server inside any process: sheafd is one, and a program's own local cluster has one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/tls.hpp"

namespace sheaf::runtime {

/// What the number in CAN_DO_TIMEOUT counts. gearmand's workers mean milliseconds, Perl's and their like seconds.
enum class timeout_unit : std::uint8_t { milliseconds, seconds };

/// Who may end the server by the admin commands `shutdown` (as stop()) and `shutdown graceful` (as drain()).
enum class shutdown_command : std::uint8_t {
    refused,
    from_unix_sockets,  ///< those who may open the server's socket file
    from_everyone,      ///< all who can connect
};

/// What an acknowledgement of a background job promises.
enum class durability : std::uint8_t {
    full,     ///< it is on the disk: neither a crash of the process nor of the machine loses it
    relaxed,  ///< it will be on the disk in a moment: a crash loses the last jobs
    none,     ///< nothing: jobs are in memory, and go with the process
};

/// How the system finds out that a silent TCP peer has vanished.
struct keepalive_options {
    int idle_seconds = 60;      ///< of silence, before it is asked for a sign of life
    int interval_seconds = 15;  ///< between two such questions
    int count = 4;              ///< how many go unanswered before the connection is closed
};

/// How a server behaves. Aggregate: name what differs from the defaults.
struct server_options {
    /// TCP addresses (port 0: any free one) and Unix-domain sockets. Not empty.
    std::vector<endpoint> listen{endpoint{"127.0.0.1", default_port, {}}};
    /// Addresses at which jobs are submitted by HTTP: POST /FUNCTION. None by default.
    std::vector<endpoint> listen_http{};
    /// What handles start with; empty: "H:" and the host's name. A part that is new with every server and a number follow,
    /// so that a handle never names a job of an earlier life. At most 24 bytes, none of them NUL.
    std::string handle_prefix{};
    /// How many workers a job may lose until it fails: -1 any number; with 1, as with 0, it fails with its first one.
    int job_retries = -1;
    /// How many sleeping workers one runnable job wakes at first.
    std::size_t worker_wakeup = 1;
    /// Send WORK_EXCEPTION to clients that did not ask for exceptions too.
    bool exceptions = false;
    /// How workers' time-outs are meant.
    timeout_unit timeouts = timeout_unit::milliseconds;
    /// Who may use the admin command `shutdown`.
    shutdown_command shutdown = shutdown_command::refused;
    /// The log level that the admin command `verbose` reports.
    std::string verbosity = "ERROR";
    /// The largest packet that is taken, in bytes; a peer that announces a larger one is disconnected.
    std::uint32_t packet_bytes_max = 64U << 20;
    /// A peer that does not read is disconnected when more than this many bytes wait for it, besides one largest packet.
    std::size_t output_bytes_max = std::size_t{256} << 20;
    /// Peers beyond this number are turned away.
    std::size_t connections_max = 50000;
    /// How many connections may wait to be accepted.
    int backlog = 1024;
    /// Of accepted TCP connections.
    keepalive_options keepalive{};
    /// For the addresses that say tls: all three files. Clients and workers need certificates of its CA.
    tls_options tls{};
    /// Where background jobs are kept that outlive the server. Empty: nowhere, whatever `kept` says.
    std::string data_directory{};
    durability kept = durability::full;
    /// How much memory jobs may take, about, in bytes, before those at the ends of long queues are left on the disk alone, but
    /// for their numbers and what their unique keys need: some 50 bytes each.
    std::uint64_t queue_bytes_max = std::uint64_t{512} << 20;
    /// How often a background job is tried whose submitter did not say: one that fails then is a dead letter.
    std::uint32_t background_attempts = 1;
    /// How long results of background jobs are kept when their submitters did not say. 0: not at all.
    std::chrono::seconds result_keep{24 * 60 * 60};
    /// The largest result that is kept, in bytes, and how much all of them may take, the first to be over going first.
    std::size_t result_bytes_max = std::size_t{1} << 20;
    std::uint64_t results_bytes_max = std::uint64_t{64} << 20;
    /// How many dead letters are kept; then the oldest go.
    std::uint64_t letters_max = 10'000;

    /// Called when the server is destroyed, and its disk has no room for the ends of so many jobs: they run again.
    std::function<void(std::size_t jobs)> on_unwritten_ends{};

    /// Whether background jobs outlive the server.
    [[nodiscard]] bool keeps_jobs() const { return !data_directory.empty() && kept != durability::none; }
    /// How long stop() lets running jobs go on.
    std::chrono::milliseconds stop_grace{10000};
};

/// Listens from construction on, serves while start() or run() is in force. It uses one thread, and touches no signal.
/// Foreground jobs are in memory; background jobs, too, unless there is a directory for them.
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
    /// The same of server_options::listen_http.
    [[nodiscard]] const std::vector<endpoint>& http_endpoints() const noexcept;

    /// Serves on a thread of its own. Either this or run(), once.
    void start();
    /// Serves on the calling thread until the server has ended.
    void run();
    /// Ends gracefully: no new connection, no new job, none handed out; running ones may end within the grace. Returns at
    /// once. From any thread, more than once; not from a signal handler.
    void stop();
    /// As stop(), but running jobs may take as long as they like. A stop() that follows limits them.
    void drain();
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
