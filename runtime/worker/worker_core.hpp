// The worker's state machine: packets, answers and time go in; packets, connects and jobs for slots come out. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "peer/server_link.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "sheaf/runtime/worker.hpp"
#include "worker/grab_pace.hpp"

namespace sheaf::runtime {

/// A function that this worker runs jobs of.
struct offered_function {
    std::string name;  ///< without the prefix
    std::shared_ptr<const job_handler> handler{};
    function_options how{};
};

/// A job that this worker was given. What a slot reads does not change from start() to done().
struct worker_job {
    std::string handle;
    std::string function;
    std::string unique;
    std::string reducer;
    shared_bytes payload;
    std::shared_ptr<const job_handler> handler;  ///< also when the function is offered no more
    std::size_t server = 0;
    std::optional<std::stop_source> stop;  ///< of a deferred job: its handler's; set before deferred()

    // The core's own.
    bool in_use = false;
    bool is_deferred = false;  ///< its handler has returned, and somebody else ends it
    bool orphaned = false;  ///< its connection is gone, or ends with this worker: the server gives it to somebody else
    bool answered = false;  ///< the server has had its last packet
    bool stop_requested = false;
    bool stuck_reported = false;
    peer::time_point expires_at = peer::never;
    peer::time_point stuck_at = peer::never;
    peer::time_point says_at = peer::never;
    peer::time_point overdue_at = peer::never;  ///< by its function's time-out: the server wants no answer any more
    std::chrono::milliseconds says_every{0};
    shared_bytes expiry_exception;
    shared_bytes says;

    [[nodiscard]] peer::time_point next_clock() const noexcept {
        return std::min({expires_at, stuck_at, says_at, overdue_at});
    }
    [[nodiscard]] bool has_clock() const noexcept { return next_clock() != peer::never; }
};

/// What the core wants done. Its members must not call back into the core.
class worker_sink {
  public:
    virtual ~worker_sink() = default;
    /// Where packets for `server`, which is connected, are written.
    virtual protocol::output_buffer& output(std::size_t server) = 0;
    /// Try to connect; connected() or connect_failed() is called later.
    virtual void connect(std::size_t server) = 0;
    /// End the connection or attempt. The core has done with it: disconnected() is not called.
    virtual void close(std::size_t server, const error& why) = 0;
    /// The next free slot is to run `job`; done() is called when it has.
    virtual void start(worker_job& job) = 0;
    /// Takes `job` back if no slot has begun it: done() will not be called. False when one has.
    virtual bool withdraw(worker_job& job) = 0;
    /// The handler of `job`, or who has it since it was deferred, should end it soon. Called once per job, and again when it is
    /// deferred after that.
    virtual void request_stop(worker_job& job) = 0;
    /// The handler of `job` is about to be asked to stop, and will be stuck when it has not returned after the grace.
    virtual void stopping(worker_job& job) = 0;
    /// The handler of `job` did not return. Called once per job.
    virtual void stuck(worker_job& job) = 0;
    /// The worker has ended: close what is open when it is flushed. Called once.
    virtual void finished() = 0;
};

/// One worker: its servers and the jobs they gave it. Not thread-safe.
class worker_core {
  public:
    using time_point = peer::time_point;

    /// `functions` are offered to every server. `random` decides the jitter of reconnects.
    worker_core(const worker_options& how, std::vector<offered_function> functions, worker_sink& out,
                peer::random_source random);
    worker_core(const worker_core&) = delete;
    worker_core& operator=(const worker_core&) = delete;

    /// Begins to connect.
    void start();
    void connected(std::size_t server, time_point now);
    void connect_failed(std::size_t server, const error& why, time_point now);
    void disconnected(std::size_t server, const error& why, time_point now);
    void packet(std::size_t server, const protocol::packet_view& packet, time_point now);

    /// Offers one more function, which is not offered, or takes the offer of one back.
    void offer(offered_function what);
    void withdraw(const std::string& function);

    /// A piece that no server would take ends the job with WORK_EXCEPTION; its handler is asked to stop.
    void data(worker_job& job, const shared_bytes& data);
    void warning(worker_job& job, const shared_bytes& data);
    void status(const worker_job& job, std::uint64_t numerator, std::uint64_t denominator);
    /// At `at` the job's time is up, and `exception` is its answer.
    void expire_at(worker_job& job, time_point at, shared_bytes exception);
    /// From `first` on, `every` so often or, when that is 0, once, the server is sent `data`.
    void say_from(worker_job& job, time_point first, std::chrono::milliseconds every, shared_bytes data);
    /// A handler waits, and another job may run instead; or it has waited.
    void lend();
    void take_back();
    /// The handler of `job` has returned after `took`, but its answer comes later.
    void deferred(worker_job& job, std::chrono::nanoseconds took);
    /// The handler of `job` has returned `answer` after `took`, or it was deferred and has ended. `job` is not to be used any more.
    void done(worker_job& job, const job_answer& answer, std::chrono::nanoseconds took);

    void tick(time_point now);
    /// No new jobs; finished() when those that were given have ended.
    void drain(time_point now);
    void drain(time_point now, std::chrono::milliseconds grace);
    /// Stops what runs, drops what does not yet; finished() when the handlers have returned.
    void stop(time_point now);

    /// When tick() has to be called, at the latest.
    [[nodiscard]] time_point next_deadline() const noexcept;

  private:
    enum class life : std::uint8_t { working, draining, stopping, ended };

    // What we know of the queue at a server.
    enum class supply : std::uint8_t {
        hopeful,  ///< there may be jobs
        dry,      ///< it said NO_JOB; other grabs are still in flight, or one is open
        asleep,   ///< PRE_SLEEP was sent: it will say NOOP
    };

    struct server_state {
        explicit server_state(std::string name, const peer::link_options& how) : link(std::move(name), how) {}

        peer::server_link link;
        supply jobs = supply::asleep;
        std::size_t grabs = 0;          ///< in flight
        std::size_t in_a_row = 0;       ///< jobs since the last NO_JOB: how many grabs seem to be worth while
        bool plain_grab = false;        ///< it does not know GRAB_JOB_UNIQ
        bool option_asked = false;      ///< whether it keeps grabs open; it has not answered yet
        bool keeps_grabs_open = false;  ///< it knows ALL_YOURS
        bool open_grab = false;   ///< ALL_YOURS was sent: one of the grabs in flight is answered when there is a job
        bool taken_back = false;  ///< the open grab, which is going to be answered at once
        std::vector<std::string> leaving;  ///< functions of which it is told CANT_DO when none of their jobs is out
    };

    // A function, by the name that servers know.
    struct offer_state {
        offered_function what;
        bool is_leaving = false;
    };

    void on_job(std::size_t server, const protocol::packet_view& packet, time_point now);
    [[nodiscard]] std::string_view without_prefix(std::string_view name) const noexcept;

    // What is offered (worker_offers.cpp).
    void write_offer(protocol::output_buffer& out, const std::string& name, const offered_function& what);
    void settle(std::size_t server);
    [[nodiscard]] bool is_out(const std::string& name, std::size_t server) const noexcept;
    void forget_withdrawn();

    void on_no_job(std::size_t server);
    void on_noop(std::size_t server);
    void on_option(std::size_t server, std::string_view option);
    void on_error(std::size_t server, std::string_view code);
    void answered(server_state& s);
    void lose(std::size_t server, const error& why, time_point now);

    [[nodiscard]] std::size_t out_now() const noexcept { return jobs_out_ + grabs_out_; }
    [[nodiscard]] bool takes_jobs() const noexcept {
        return life_ == life::working || (life_ == life::draining && lent_ != 0);
    }
    /// How many jobs may be out when `depth` are fetched per slot.
    [[nodiscard]] std::size_t room(std::size_t depth = 1) const noexcept {
        return how_.slots * depth + lent_ + std::min(deferred_, how_.deferred_max);
    }
    [[nodiscard]] bool has_had_enough() const noexcept {
        return how_.jobs_max != 0 && jobs_taken_ + grabs_out_ >= how_.jobs_max;
    }
    void grab_up_to(std::size_t limit);
    [[nodiscard]] std::size_t next_to_grab(std::size_t limit) const noexcept;
    void grab(std::size_t server);
    [[nodiscard]] bool may_leave_grab_open(const server_state& s) const noexcept;
    void take_grab_back(std::size_t server);
    /// Takes open grabs back until `wanted` more jobs may be out.
    void make_room(std::size_t wanted);
    void sleep_if_dry(std::size_t server);

    // Jobs that were given (worker_jobs.cpp).
    worker_job& new_job();
    void release(worker_job& job);
    void answer(const worker_job& job, const job_answer& answer);
    [[nodiscard]] bool is_too_large(std::size_t bytes) const noexcept;
    [[nodiscard]] bool end_if_too_large(worker_job& job, std::string_view what, std::size_t bytes);
    [[nodiscard]] protocol::output_buffer* output_of(const worker_job& job);
    void stop_job(worker_job& job, time_point now);
    void set_clock(worker_job& job, time_point worker_job::*clock, time_point at);
    void say(worker_job& job, time_point now);
    void look_after(std::size_t server, time_point now);
    void look_after(worker_job& job, time_point now);
    void is_overdue(worker_job& job);
    void end_if_done();

    worker_options how_;
    std::map<std::string, offer_state, std::less<>> functions_;
    bool wants_reducers_ = false;
    worker_sink& out_;
    peer::random_source random_;
    grab_pace pace_;
    std::vector<server_state> servers_;
    std::deque<worker_job> jobs_;  ///< a deque: slots hold references
    std::vector<worker_job*> free_;
    std::size_t jobs_out_ = 0;    ///< given to us and not done
    std::size_t grabs_out_ = 0;   ///< in flight, at all servers
    std::size_t jobs_taken_ = 0;  ///< that a slot has run, or will
    std::size_t last_grabbed_ = 0;
    std::size_t timed_jobs_ = 0;  ///< those that have a clock
    std::size_t deferred_ = 0;    ///< jobs without handlers
    std::size_t lent_ = 0;        ///< handlers that wait
    life life_ = life::working;
    time_point drain_until_ = peer::never;
};

}  // namespace sheaf::runtime
