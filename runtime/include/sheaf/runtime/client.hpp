// A Gearman client: many jobs in flight on few connections, to one or several servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/job_terms.hpp"
#include "sheaf/runtime/shared_bytes.hpp"
#include "sheaf/runtime/tls.hpp"

namespace sheaf::runtime {

/// A job's priority within its function.
enum class job_priority : std::uint8_t { high, normal, low };

/// A job to be submitted. Aggregate: name what differs from the defaults.
struct job_request {
    std::string function;  ///< without client_options::prefix
    /// Jobs of one function with the same key are one job. "-": the payload is the key. Empty: none, and never coalesced.
    std::string unique{};
    shared_bytes payload{};
    job_priority priority = job_priority::normal;
    bool background = false;  ///< nobody waits for it: it has ended, for the client, when the server has taken it
    /// When the client gives up waiting, by the steady clock. Empty: never (must be meant).
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    /// Whether the job may be submitted again when the connection is lost while it is out. It may then run twice.
    bool resubmit = false;
    /// Whether the server is to forget the job, if no worker has begun it, when it is cancelled or its deadline comes. Not
    /// for jobs with a unique key, which others may wait for.
    bool withdraw = false;

    /// How often the job is submitted again after it failed, ended with an exception or was refused because the queue is full,
    /// after try_timeout, or when the connection was lost while it was out (unless `resubmit` says so for any number of times).
    /// It may then run more than once. The deadline is for all tries together.
    std::uint32_t retries = 0;
    /// How long to wait before each of them.
    std::chrono::milliseconds retry_pause{0};
    /// How long each try may take, from when it is sent. 0: as long as there is time. A try that is given up is withdrawn if
    /// `withdraw` says so; what it answers later counts no more. Without retries left the job ends with errc::timeout.
    std::chrono::milliseconds try_timeout{0};

    /// When the job is to run, by the wall clock; never before. It is then a background job. Without terms in whole seconds, and
    /// of normal priority: the protocol has no other for a time.
    std::optional<std::chrono::system_clock::time_point> run_at{};
    /// The function that is to reduce what the job's own makes of the payload; see partition_handler(). Without
    /// client_options::prefix. Empty: none. Only with normal priority.
    std::string reducer{};

    /// What Sheaf's own server is to do with the job besides: it is then a background job. On another server it ends with
    /// errc::not_supported, without being sent.
    std::optional<job_terms> terms{};
    /// The function is one that Sheaf's own server answers itself, such as "sheaf.result": the prefix is not put before it, and
    /// on another server the job ends with errc::not_supported, without being sent.
    bool of_server = false;
    /// The one server that is to have it, as an index into client_options::servers. When it is away, it is waited for until the
    /// deadline, or for client_options::away_timeout if there is none. One that this client has never reached is given up
    /// after unreachable_timeout while no other is connected: its address may be wrong.
    std::optional<std::size_t> server{};
    /// That server is not waited for: when it cannot be reached, the job ends at once, with errc::connection_failed.
    bool only_if_there = false;
};

/// How a job ended, seen from the client.
struct job_end {
    enum class kind : std::uint8_t {
        complete,   ///< WORK_COMPLETE; data is the result. For background jobs: JOB_CREATED
        failed,     ///< WORK_FAIL
        exception,  ///< WORK_EXCEPTION; data is what the worker sent
        not_run,    ///< no answer of a worker: `why` says what happened (timeout, connection_lost, queue_full, ...)
    };
    static constexpr std::size_t no_server = ~std::size_t{0};

    kind how = kind::not_run;
    shared_bytes data{};
    error why{};  ///< only of not_run
    /// Where the job was sent last, as an index into client_options::servers.
    std::size_t server = no_server;
};

/// Receives what happens to jobs. Called on the client's thread, which must not be blocked: it may call submit() and
/// cancel(), but not the members that wait, and must not destroy the client or throw. `tag` is what submit() was given.
/// The client's thread is its own one or, while nothing else is out, one that waits in run() or client_visit::wait(); there
/// is one at a time.
class job_listener {
  public:
    virtual ~job_listener() = default;
    /// The server has taken the job under this handle. May come again after a resubmission.
    virtual void on_created(std::uint64_t tag, std::string_view handle);
    virtual void on_data(std::uint64_t tag, const shared_bytes& data);
    virtual void on_warning(std::uint64_t tag, const shared_bytes& data);
    virtual void on_status(std::uint64_t tag, std::uint64_t numerator, std::uint64_t denominator);
    /// A try has ended with `how`, and job_request::retries has the job submitted again: for the `retry`th time, from 1. What
    /// has come of the try so far does not count.
    virtual void on_retry(std::uint64_t tag, std::uint32_t retry, const job_end& how);
    /// The last call for this job; exactly one for each submit().
    virtual void on_end(std::uint64_t tag, job_end end) = 0;
};

/// Decisions of somebody else's that are made on the client's thread, between its own turns.
class client_companion {
  public:
    virtual ~client_companion() = default;
    /// After wake(), and when next_deadline() has come. What is submitted, cancelled and asked from here goes out at once.
    virtual void on_turn(std::chrono::steady_clock::time_point now) = 0;
    /// When on_turn() has to be called at the latest. Asked after everything that happens on the thread.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point next_deadline() const = 0;
};

struct client_options {
    std::vector<endpoint> servers;  ///< not empty
    std::string id{};               ///< sent as SET_CLIENT_ID when not empty
    /// Put before the names of all functions: a namespace, in which workers with the same prefix are found.
    std::string prefix{};
    std::chrono::milliseconds connect_timeout{5000};
    /// After this long without any server, jobs that wait to be submitted end with connection_failed; but see
    /// job_request::server.
    std::chrono::milliseconds unreachable_timeout{10000};
    /// How long a job without a deadline waits for the one server that is to have it.
    std::chrono::milliseconds away_timeout = std::chrono::minutes(10);
    std::chrono::milliseconds backoff_min{50};  ///< first pause between attempts to connect; doubles, with jitter
    std::chrono::milliseconds backoff_max{2000};
    /// A server that owes answers and is silent for so long is sent ECHO_REQ; when it says nothing for keepalive_timeout
    /// after that, the connection counts as lost.
    std::chrono::milliseconds keepalive_silence{10000};
    std::chrono::milliseconds keepalive_timeout{5000};
    /// The largest job, and the largest answer, with all arguments. Above it submit() ends with too_large.
    std::uint32_t message_bytes_max = 64U << 20;
    /// For servers whose addresses say tls. What it leaves out comes from the environment: see with_client_environment().
    tls_options tls{};
    /// Has turns on the client's thread; must outlive the client.
    client_companion* companion = nullptr;
};

/// The answer to GET_STATUS or GET_STATUS_UNIQUE.
struct job_status {
    bool known = false;  ///< it is queued or runs; servers forget a job when it has ended
    bool running = false;
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 0;
    std::uint64_t clients = 0;  ///< how many wait for it; only when it was asked for by unique key
};

/// Where a job is that nobody waits for.
struct job_ticket {
    std::string handle;
    endpoint server;  ///< one of client_options::servers

    friend bool operator==(const job_ticket&, const job_ticket&) = default;
};

/// What one of several servers says.
struct server_answer {
    endpoint server;
    basic_result<std::string> answer;
};

/// Names one submitted job for cancel(). Unique in one client.
using call_id = std::uint64_t;

/// A client with a thread of its own for I/O. All members may be called from any thread.
///
/// Connects when first needed, reconnects with jittered backoff. A job with a unique key goes to the server that rendezvous
/// hashing picks (so equal keys meet); others go to the first server that answers. When the client is destroyed, jobs that
/// have not ended end with errc::shutting_down.
///
///     sheaf::runtime::client client({.servers = {{.host = "127.0.0.1"}}});
///     auto end = client.run({.function = "reverse", .payload = shared_bytes("abc"), .deadline = now + 10s});
class client {
  public:
    explicit client(client_options how);
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Those that it was made with, in their order.
    [[nodiscard]] const std::vector<endpoint>& servers() const noexcept;

    /// Submits `request`; never blocks. `listener` hears of it, and is kept alive until its on_end for this job.
    call_id submit(job_request request, std::shared_ptr<job_listener> listener, std::uint64_t tag = 0);
    /// Submits and waits for the end.
    [[nodiscard]] job_end run(job_request request);
    /// Submits `request` as a background job, and waits until a server has taken it.
    [[nodiscard]] basic_result<job_ticket> start(job_request request);
    /// Stops waiting for a job: it ends with errc::cancelled unless it has ended already. The worker is not told; the
    /// server is if job_request::withdraw says so.
    void cancel(call_id job);
    /// Has the server forget a job that has been created, if no worker has begun it; for jobs without a unique key. The
    /// listener goes on hearing of it: servers end the job with WORK_FAIL, and may do so even if it runs. What is asked about it
    /// from now on is answered after that.
    void withdraw(call_id job);
    /// cancel() for every job; those that are submitted from now on end with errc::cancelled, too. For the end of a program
    /// that is interrupted while other threads make calls.
    void cancel_all();

    /// Asks the servers, one after the other, beginning with the one that `handle` came from, until one knows the job.
    [[nodiscard]] basic_result<job_status> status(const std::string& handle, std::chrono::milliseconds timeout);
    /// Asks the server that has taken the job, and no other.
    [[nodiscard]] basic_result<job_status> status(const job_ticket& job, std::chrono::milliseconds timeout);
    /// Asks the servers, one after the other, until one knows a job with this unique key, of whatever function.
    [[nodiscard]] basic_result<job_status> status_by_unique(const std::string& unique,
                                                            std::chrono::milliseconds timeout);
    /// Sends `text` to a server and waits for it to come back.
    [[nodiscard]] basic_result<void> echo(std::string_view text, std::chrono::milliseconds timeout);
    /// Sends `text` to every server at once, in the order of client_options::servers; the answer of one that is well is `text`.
    [[nodiscard]] std::vector<server_answer> echo_each(std::string_view text, std::chrono::milliseconds timeout);
    /// Sends an admin command and returns its answer: up to the line "." for those that list, else one line.
    [[nodiscard]] basic_result<std::string> admin(std::string_view command, std::chrono::milliseconds timeout);
    /// As admin(), of every server at once, in the order of client_options::servers. One that cannot be reached, or is
    /// silent until `timeout`, has an error for an answer.
    [[nodiscard]] std::vector<server_answer> admin_each(std::string_view command, std::chrono::milliseconds timeout);
    /// As those of the same names above, without waiting: `done` is called with the answer, on the client's thread and under
    /// the same rules as a job_listener. Of several servers, their answers to an admin command come together.
    void status(const std::string& handle, std::chrono::milliseconds timeout,
                std::function<void(basic_result<job_status>)> done);
    void status_by_unique(const std::string& unique, std::chrono::milliseconds timeout,
                          std::function<void(basic_result<job_status>)> done);
    void admin_each(std::string_view command, std::chrono::milliseconds timeout,
                    std::function<void(std::vector<server_answer>)> done);
    /// Gives client_options::companion a turn soon.
    void wake();
    /// Whether the connected server is Sheaf's own (it answers the option "sheaf").
    [[nodiscard]] basic_result<bool> server_is_sheaf(std::chrono::milliseconds timeout);

  private:
    friend class client_visit;
    struct shell;
    std::unique_ptr<shell> shell_;
};

/// A thread that submits something to a client and waits for it, as client::run() does: while nobody else needs the client,
/// the thread does the client's I/O itself, which saves two hand-overs between threads. Made before the submission, and
/// used on the thread that made it; the client must outlive it.
class client_visit {
  public:
    explicit client_visit(client& at);
    ~client_visit();
    client_visit(const client_visit&) = delete;
    client_visit& operator=(const client_visit&) = delete;

    /// Returns when arrived() has been called.
    void wait();
    /// To be called by the listener, once. The visit may be gone as soon as this returns.
    void arrived();

  private:
    struct place;
    std::unique_ptr<place> place_;
};

}  // namespace sheaf::runtime
