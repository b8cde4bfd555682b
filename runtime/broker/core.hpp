// The job server's brain: which job goes to which worker, and who is told what.
//
// Pure: no socket, clock, thread or disk. One event goes in by one call, with the time; effects go to the sink during
// that call. The owner (a shell or a simulation) calls it from one thread.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "broker/sink.hpp"
#include "broker/types.hpp"
#include "protocol/packet.hpp"

namespace sheaf::broker {

/// Who may end the server: the peers on Unix-domain sockets are those who may open the server's own file.
enum class shutdown_right : std::uint8_t { nobody, unix_sockets, everyone };

/// How a broker behaves. Aggregate: name what differs from the defaults.
struct options {
    /// What handles start with; the job's number follows. At most 43 bytes.
    std::string handle_prefix = "H:sheaf:";
    /// The number of the first job. Together with the prefix it keeps handles unique across restarts: the owner passes
    /// a number above all that were given before, or a prefix of its own for each process life.
    job_id first_job{1};
    /// How many workers a job may lose until it fails: -1 any number; with 1, as with 0, it fails with its first one.
    int job_retries = -1;
    /// How many sleeping workers one runnable job wakes at first; another is woken when those do not grab in time.
    /// 0: all.
    std::size_t worker_wakeup = 1;
    /// How long a woken worker has to grab before the next one is woken.
    std::chrono::milliseconds wakeup_patience{100};
    /// Send WORK_EXCEPTION to clients that did not ask for exceptions too.
    bool exceptions_by_default = false;
    /// What the number in CAN_DO_TIMEOUT counts.
    std::chrono::milliseconds timeout_unit{1};
    /// While jobs wait for a time of day: how often the wall clock, which may be set at any time, is looked at.
    std::chrono::milliseconds wall_clock_patience{50};
    /// Who may end the server by the admin command `shutdown`.
    shutdown_right shutdown = shutdown_right::nobody;
    /// The version that the admin command `version` reports.
    std::string version = "0.1.0";
    /// The log level that the admin command `verbose` reports.
    std::string verbosity = "ERROR";
    int process_id = 0;  ///< what `getpid` reports
    /// How often a background job is tried whose submitter did not say: one that fails then is a dead letter.
    std::uint32_t background_attempts = 1;
    /// How long results of background jobs are kept when their submitters did not say. 0: not at all.
    std::chrono::seconds result_keep{24 * 60 * 60};
    /// Larger results are not kept; who asks for one hears so.
    std::size_t result_bytes_max = std::size_t{1} << 20;
    /// How much memory jobs may take, about, before those that wait at the end of a long queue, or for a time to come, are left
    /// to the store. As it is, all are kept in memory, and sink::load need not be implemented.
    std::size_t queue_bytes_max = std::numeric_limits<std::size_t>::max();
    /// Of each queue (of one function and priority) so many jobs stay in memory nevertheless, or fewer when they are large, so
    /// that no worker waits for the store. At least 2.
    std::size_t queue_jobs_min = 4096;
    /// How large packets may be. Larger jobs are not made of the parts of a run.
    std::size_t job_bytes_max = std::size_t{64} << 20;
    /// So many ended runs are known at the same time, besides those of which the store does not have the end yet; the one that
    /// would be forgotten first goes when there are more.
    std::size_t ended_runs_max = 100'000;
    /// Any number that peers do not know, so that they cannot choose unique keys that collide.
    std::uint64_t hash_seed = 0;
};

class core {
  public:
    /// `effects` must outlive this. Throws runtime_failure when `how` makes no sense.
    core(options how, sink& effects);
    ~core();
    core(const core&) = delete;
    core& operator=(const core&) = delete;

    /// A peer at `address` (an IP address, or "unix") arrived. `descriptor` is what `workers` prints first.
    void connected(connection_id connection, std::string_view address, int descriptor);
    /// The peer left, or was made to. Nothing is written to it during or after this call.
    void disconnected(connection_id connection, instant now);
    /// The peer sent `packet`.
    void packet(connection_id connection, const protocol::packet_view& packet, instant now);
    /// The peer, a worker, sent what says more of a job than options::job_bytes_max allows: `start` is that packet without its
    /// data, which were not kept; it had `bytes` bytes. The job has failed.
    void oversized(connection_id connection, const protocol::packet_view& start, std::size_t bytes, instant now);
    /// The peer sent a line of the text protocol.
    void line(connection_id connection, std::string_view text, instant now);

    /// The store has `job` for good; it may be acknowledged and handed out. Jobs that ended meanwhile are ignored.
    void stored(job_id job, instant now);
    /// As stored(), of a job that was made of a frame's parts: this is its payload.
    void gathered(job_id job, const shared_bytes& payload, instant now);
    /// The store could not keep `job`, or the beginning of the run of that number; its submitter is told `why`.
    void store_failed(job_id job, std::string_view why, instant now);
    /// The owner's answer to sink::serve. Nothing happens when the peer that asked has left.
    void served(service_ticket name, const service_answer& answer, instant now);
    /// A run from before a restart; before its jobs.
    void restore_run(const restored_run& known, instant now);
    /// A job from before a restart. A number that is taken already is ignored.
    void restore(const job_record& record, instant now);
    /// A dead letter that is to be tried again, at the end of its queue. It waits for stored() as any job that is new. False when
    /// that must not be: a job is here with its number, or with its unique key.
    [[nodiscard]] bool revive(const job_record& letter, instant now);

    /// The answer to sink::load: what the store keeps, in the order in which it was asked for. It may leave out the last ones, but
    /// not all; which are asked for again. A job that is left out before another one is lost.
    void loaded(load_ticket name, std::span<const job_record> rows, instant now);
    /// The store could not look; it is asked again after a while.
    void load_failed(load_ticket name, instant now);

    /// Lets everything happen that is due at `now`.
    void tick(instant now);
    /// When tick() has something to do next, by the steady clock. While jobs wait for a time of day it is never more
    /// than options::wall_clock_patience after the last call, so that a wall clock that is set is noticed.
    [[nodiscard]] std::optional<steady_time> next_deadline() const;

    /// No background job is handed out until it is called with false: the store is behind with what came of others. Calls of
    /// clients who wait go on, but for those that stand behind such a job in the queue of their function.
    void hold_background(bool held, instant now);

    /// From now on no job is handed out and no submission is taken; what runs may end.
    void begin_drain(instant now);
    /// The owner closes all connections: it is not the workers' doing that their jobs do not end.
    void begin_end();
    /// Whether nothing runs any more.
    [[nodiscard]] bool idle() const noexcept;

    /// Counts for operators and tests.
    struct totals {
        std::size_t connections = 0;
        std::size_t functions = 0;
        std::size_t queued = 0;  ///< all that do not run: those waiting for the store or for their time too
        std::size_t running = 0;
    };
    [[nodiscard]] totals count() const noexcept;

    /// Aborts when what the broker believes contradicts itself. Slow: for tests and simulations, after every step.
    void check_invariants() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::broker
