// A Gearman worker: offers functions to one or several servers and runs their jobs on threads of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/shared_bytes.hpp"
#include "sheaf/runtime/tls.hpp"

namespace sheaf::runtime {

/// What a handler gives back.
struct job_answer {
    enum class kind : std::uint8_t { complete, fail, exception };
    kind how = kind::complete;
    shared_bytes data{};

    static job_answer complete(shared_bytes data) { return {kind::complete, std::move(data)}; }
    static job_answer fail() { return {kind::fail, {}}; }
    static job_answer exception(shared_bytes data) { return {kind::exception, std::move(data)}; }
};

/// A job whose handler has returned, and that is ended from elsewhere: see assignment::defer(). Its members may be called from
/// any thread, after the job has ended, and also when there is no worker any more: nothing is sent then.
class deferred_job {
  public:
    /// If it has not been ended, the job ends with an exception that says so.
    virtual ~deferred_job() = default;
    [[nodiscard]] virtual std::string_view handle() const noexcept = 0;
    [[nodiscard]] virtual std::string_view function() const noexcept = 0;
    [[nodiscard]] virtual std::string_view unique() const noexcept = 0;
    [[nodiscard]] virtual const shared_bytes& payload() const noexcept = 0;

    /// As those of assignment.
    virtual void send_data(std::string_view data) = 0;
    virtual void send_warning(std::string_view data) = 0;
    virtual void send_status(std::uint64_t numerator, std::uint64_t denominator) = 0;
    /// Fires as that of the handler does. A callback on it may end the job.
    [[nodiscard]] virtual std::stop_token stop_token() const noexcept = 0;
    /// Ends the job; never blocks. False when it has been ended before.
    virtual bool end(job_answer answer) = 0;
};

/// A job that a handler is running. Lives as long as the handler; its members may be called from any of its threads.
class assignment {
  public:
    virtual ~assignment() = default;
    [[nodiscard]] virtual std::string_view handle() const noexcept = 0;
    [[nodiscard]] virtual std::string_view function() const noexcept = 0;  ///< without worker_options::prefix
    [[nodiscard]] virtual std::string_view unique() const noexcept = 0;
    /// The function that is to reduce what this one makes, without the prefix; empty when there is none, and unless
    /// function_options::with_reducer asks for it.
    [[nodiscard]] virtual std::string_view reducer() const noexcept = 0;
    [[nodiscard]] virtual const shared_bytes& payload() const noexcept = 0;
    /// Which handler thread, from 0. Those from worker_options::slots on run jobs while slots are lent.
    [[nodiscard]] virtual std::size_t slot() const noexcept = 0;
    [[nodiscard]] virtual std::size_t server() const noexcept = 0;  ///< index into worker_options::servers

    /// Data and warnings are sent on by the I/O thread; these calls wait while the server is megabytes behind in reading.
    virtual void send_data(std::string_view data) = 0;
    virtual void send_warning(std::string_view data) = 0;
    virtual void send_status(std::uint64_t numerator, std::uint64_t denominator) = 0;
    /// Fires when the job should stop: its time or its function's is up, its server is gone, or the worker drains and its
    /// grace is over.
    /// Callbacks on it run on the I/O thread, and must not block.
    [[nodiscard]] virtual std::stop_token stop_token() const noexcept = 0;
    /// From `limit` after the handler began, the job counts as too slow: the server is sent `exception` (as
    /// WORK_EXCEPTION), stop_token() fires, what the handler returns later is dropped, and when it has not returned
    /// after worker_options::stuck_grace, worker_options::on_stuck is called. Call at most once.
    virtual void expire_after(std::chrono::milliseconds limit, shared_bytes exception) = 0;
    /// As expire_after(), but now, whatever limit there was: nobody wants the job's result any more.
    virtual void give_up(shared_bytes exception) = 0;
    /// From `first` after the handler began, and then `every` so often (0: never again), the server is sent `data` (as
    /// WORK_DATA) by the I/O thread. Costs next to nothing for a job that has ended by then. Call at most once.
    virtual void say_every(std::chrono::milliseconds first, std::chrono::milliseconds every, shared_bytes data) = 0;
    /// The handler is about to wait for other jobs: another of the worker's jobs may run meanwhile, on another thread. False
    /// when worker_options::lent_max handlers wait already.
    [[nodiscard]] virtual bool lend_slot() = 0;
    /// It has waited, and goes on at once, also when the job that runs instead has not ended; until it has, no other begins.
    virtual void take_slot_back() noexcept = 0;
    /// The job is not to end with the handler, but by what this returns, which may be kept anywhere. Whatever the handler
    /// returns is not sent then, unless it is an exception. A worker takes no more jobs while worker_options::deferred_max and as
    /// many as it has slots are out; run() waits for those that are deferred as for handlers. Call at most once.
    ///
    ///     worker.offer("fetch", [&](assignment& job) {
    ///         downloads.begin(job.payload(), [later = std::shared_ptr(job.defer())](std::string_view page) {
    ///             later->end(job_answer::complete(shared_bytes(page)));
    ///         });
    ///         return job_answer{};
    ///     });
    [[nodiscard]] virtual std::unique_ptr<deferred_job> defer() = 0;
};

/// Runs on a slot's thread. What it throws is answered with WORK_EXCEPTION and the exception's text.
using job_handler = std::function<job_answer(assignment&)>;

/// How a function is offered.
struct function_options {
    /// How long a job of it may take; servers fail it then, or gearmand gives it to somebody else, and its stop_token fires. By
    /// the milliseconds that gearmand and sheafd mean, which take less than a second for one. 0: as long as it likes.
    std::chrono::milliseconds timeout{0};
    /// Ask servers for the reducers of jobs. Such a worker leaves no grab open: it is woken first for each job.
    bool with_reducer = false;
};

struct worker_options {
    std::vector<endpoint> servers;  ///< not empty
    std::string id{};               ///< sent as SET_CLIENT_ID when not empty
    /// Put before the names of all functions: a namespace, in which clients with the same prefix are heard.
    std::string prefix{};
    std::size_t slots = 1;          ///< handlers that run at once
    std::size_t lent_max = 0;       ///< handlers that may wait at once with their slots lent
    std::size_t deferred_max = 64;  ///< deferred jobs that take no slot's place
    std::size_t jobs_max = 0;       ///< run() returns when it has run so many jobs; 0: any number
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds backoff_min{50};
    std::chrono::milliseconds backoff_max{2000};
    /// How long drain() lets running handlers go on before their stop_token fires.
    std::chrono::milliseconds drain_grace{10000};
    std::chrono::milliseconds stuck_grace{1000};
    /// Called on the I/O thread for a handler that did not stop; the usual answer is to end the process.
    std::function<void(std::string_view function, std::size_t slot)> on_stuck{};
    /// Called on the I/O thread just before a stop_token fires whose handler then counts as stuck after stuck_grace. Its slot
    /// begins no other job meanwhile, so it must be short.
    std::function<void(std::size_t slot)> on_stopping{};
    /// At most this many jobs are asked for at once per slot. It adapts between one (handlers of a millisecond and more)
    /// and this (very short handlers).
    std::size_t grabs_max = 32;
    /// A server that is silent for so long is sent ECHO_REQ; when it says nothing for keepalive_timeout after that, the
    /// connection counts as lost, and a new one is made.
    std::chrono::milliseconds keepalive_silence{30000};
    std::chrono::milliseconds keepalive_timeout{10000};
    /// For servers whose addresses say tls. What it leaves out comes from the environment: see with_client_environment().
    tls_options tls{};
    /// The largest job, and the largest answer, piece of data or warning, with all arguments. What is larger is not sent,
    /// and ends the job with WORK_EXCEPTION.
    std::uint32_t message_bytes_max = 64U << 20;
};

/// Connects to every server, keeps grabbing while a slot is free, and sleeps (PRE_SLEEP) while there is nothing to do.
/// Each slot has a thread, for all of its handlers. The I/O waits for a handler for a millisecond at most.
class worker {
  public:
    explicit worker(worker_options how);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// Offers `function`, from now on if the worker runs. A second offer of the same function throws runtime_failure.
    /// From any thread.
    void offer(std::string function, job_handler handler, function_options how = {});
    /// Takes the offer back: false when there is none. From any thread. Returns at once; jobs that were given out end as usual, and
    /// until those of the function have, no other is taken from their server: servers would give them to somebody else.
    bool withdraw(const std::string& function);
    /// Works until drain() has finished, stop() was called, or there were worker_options::jobs_max jobs, then returns. Blocks the
    /// calling thread, which becomes the I/O thread. Once per worker; throws runtime_failure when nothing is offered.
    void run();
    /// As run(), with drain() when `stop` is requested.
    void run(std::stop_token stop);
    /// Takes no new job, lets the running ones end, then run() returns; stop()s after worker_options::drain_grace. From any thread,
    /// more than once.
    void drain();
    /// As that, with another grace; when it drains already, counted from now.
    void drain(std::chrono::milliseconds grace);
    /// run() returns as soon as running handlers have returned; their stop_tokens fire at once. What
    /// the handlers return or throw then is not sent: servers give their jobs to other workers. From any thread.
    void stop();

  private:
    struct shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace sheaf::runtime
