// The life of a job: made, made durable, queued, handed out, given back, ended. Every change of phase is in here.
#pragma once

#include <optional>
#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// A submission, with its words checked.
struct new_job {
    slot function = no_slot;
    std::string_view unique;
    std::string_view reducer;
    protocol::priority priority = protocol::priority::normal;
    bool background = false;
    wall_time run_at{};
    job_terms terms{};
    shared_bytes payload;
};

/// Why one attempt at a job failed.
struct attempt_failure {
    std::string_view reason;   ///< a sentence
    shared_bytes exception{};  ///< the data of WORK_EXCEPTION
};

/// Makes a job. A background job waits for the store, which is asked to keep it; a foreground job is runnable.
/// Nobody is attached or woken yet.
slot create(world& w, new_job&& what);
/// The job that the store tells of, which waits; in no table yet.
[[nodiscard]] job job_of(world& w, const job_record& record);
/// Asks the store to keep a job that only memory holds.
void make_durable(world& w, slot j);
/// What the store is to know of a job, good until the next call.
const job_record& record_of(world& w, slot j, wall_time run_at = {});
/// Makes a job that waited for the store or for its time wait for a worker, or for its time first. It may be left to the store:
/// then it is not at `j` any more.
void release(world& w, slot j, wall_time run_at);
/// Hands a queued job to `worker`, which has `timeout` for it.
void assign(world& w, slot j, connection_id worker, std::optional<std::chrono::milliseconds> timeout);
/// The worker of a running job is gone or gave it back: the next one gets it, unless that happened too often.
void give_back(world& w, slot j);
/// A background job has failed: it is tried again after a while, of which nobody is told, if it may be. False when not: then
/// it is a dead letter, and the caller tells its clients and ends it.
bool try_again(world& w, slot j, const attempt_failure& why);
/// The job has ended well, with `data` (which `share` makes one's own), and its clients know: its result is kept if it should be.
void complete(world& w, slot j, const protocol::packet_view& result);
/// How often a background job may be tried.
[[nodiscard]] std::uint32_t attempts_max(const world& w, const job& j) noexcept;
/// What people know a worker by.
[[nodiscard]] std::string name_of_worker(const world& w, connection_id worker);
/// Removes a job; clients must have been told. An acknowledgement that is still held back is given first.
void finish(world& w, slot j);
/// Somebody wants the job not to be: tells all clients that it failed, and ends it. What its worker says of it later is dropped.
void cancel(world& w, slot j);
/// The attempt is over, though its worker does not know: the job is tried again, or fails. What that worker says of it later is
/// dropped, unless it has the job again by then on the same connection: nothing tells these attempts apart. (Ours says nothing more.)
void cut_off(world& w, slot j, const attempt_failure& why);
/// Tells all clients that the job has failed: by WORK_EXCEPTION with `exception`, if there is one and they asked for that, or by
/// WORK_FAIL.
void tell_failure(world& w, slot j, const std::optional<shared_bytes>& exception = {});
/// Ends a job in which nobody is interested any more, unless it runs: then its result is dropped when it comes.
void drop_if_unwanted(world& w, slot j);

}  // namespace sheaf::broker
