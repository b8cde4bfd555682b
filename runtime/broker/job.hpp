// What the broker knows of one job, and of one client's interest in it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "broker/job_terms.hpp"
#include "broker/slab.hpp"
#include "broker/slot_list.hpp"
#include "broker/types.hpp"

namespace sheaf::broker {

/// Where a job's record is.
enum class durability : std::uint8_t {
    memory,   ///< here only: a foreground job
    storing,  ///< the store was asked to keep it and has not answered
    stored,   ///< the store has it
};

/// The job waits for the store; nobody may have it.
struct uncommitted {
    wall_time run_at;
    bool revived = false;  ///< a dead letter was made of it: it joins the end of its queue, not the place of its number
};
/// The job waits for its time.
struct scheduled {
    wall_time run_at;
};
/// The job waits for a worker.
struct queued {
    links in_function;
};
/// The job waits for a worker, too, behind others of which only the store knows what they are: see backlog.hpp.
struct lined_up {};
/// A worker may take as long as it likes. Not an optional: jobs are many, and eight bytes are eight bytes.
inline constexpr steady_time no_deadline = steady_time::max();

/// A worker has the job.
struct running {
    connection_id worker;
    links in_worker;
    steady_time deadline = no_deadline;  ///< when the worker's time for it is up
    std::uint32_t numerator = 0;         ///< the last WORK_STATUS of this attempt
    std::uint32_t denominator = 0;
    /// It was cancelled or took too long: it has ended for everyone but its worker, whose packets about it are dropped.
    bool discarded = false;
    /// When it took too long and is to be tried again: this is what its worker still has of the job with that number.
    job_id stood_for{};
};
using job_phase = std::variant<uncommitted, scheduled, queued, lined_up, running>;

struct job {
    job_id id;
    shared_bytes payload;
    std::string unique;                          ///< as submitted: empty is none, "-" means the payload
    std::unique_ptr<const std::string> reducer;  ///< only of reduce jobs
    slot function = no_slot;
    protocol::priority priority = protocol::priority::normal;
    bool background = false;  ///< runs whether or not anyone waits for it
    durability kept = durability::memory;
    /// Only the store has its payload, its unique key and its terms: they are brought back before it is handed out.
    bool hollow = false;
    bool indexed = false;  ///< found by its unique key; `key_hash` and `next_in_bucket` mean something
    std::uint32_t key_hash = 0;
    slot next_in_bucket = no_slot;
    std::uint32_t retries = 0;               ///< how often its worker was lost
    std::uint32_t attempts = 0;              ///< how often it has failed
    std::unique_ptr<const job_terms> terms;  ///< what its submitter said; null: the server's
    std::unique_ptr<std::string> log;        ///< the end of what its worker says of it
    slot_list attachments;
    std::uint32_t clients = 0;  ///< how many attachments are clients
    job_phase phase = queued{};
};

/// What a connection has to do with a job.
enum class attachment_role : std::uint8_t {
    client,              ///< is told all that happens
    waiting_client,      ///< the same, but has not been acknowledged yet
    waiting_background,  ///< gets an acknowledgement and nothing else
};

/// One submission's interest in a job. A client that submits a job twice is attached twice.
struct attachment {
    slot job = no_slot;
    connection_id connection;
    links in_job;
    links in_connection;
    attachment_role role = attachment_role::client;
    std::uint64_t ticket = 0;  ///< of the held acknowledgement, while it waits
};

/// The time of a hollow job whose time is known to the backlog alone.
inline constexpr wall_time known_elsewhere = wall_time::max();

/// Whether anyone wants the job's result, or that it is run.
[[nodiscard]] inline bool is_wanted(const job& j) noexcept { return j.background || j.clients != 0; }

/// Whether the job is a step of a run, which the server carries on by itself.
[[nodiscard]] inline bool is_of_run(const job& j) noexcept { return j.terms != nullptr && j.terms->of.has_value(); }

[[nodiscard]] inline bool is_discarded(const job& j) noexcept {
    const auto* const run = std::get_if<running>(&j.phase);
    return run != nullptr && run->discarded;
}

}  // namespace sheaf::broker
