// What the broker may ask of the world. Nothing else that it does has an effect outside of it.
#pragma once

#include <span>
#include <string_view>

#include "broker/run_change.hpp"
#include "broker/types.hpp"
#include "protocol/output_buffer.hpp"

namespace sheaf::broker {

/// The receiver of the broker's effects. Calls come from within the broker's own functions, on their thread, and must
/// not call back into it.
class sink {
  public:
    virtual ~sink() = default;

    /// Where packets to `connection` are written; the shell flushes it once per turn of its loop.
    virtual protocol::output_buffer& frame(connection_id connection) = 0;
    /// As frame(), for what may be flushed about a millisecond late, together with what comes until then.
    virtual protocol::output_buffer& late_frame(connection_id connection) { return frame(connection); }
    /// Keep `record`. Answered later, in any order, by core::stored or core::store_failed.
    virtual void persist(const job_record& record) = 0;
    /// The job has ended: its record is not needed any more. May come before persist() was answered; the store must do
    /// both in the order in which they were asked for.
    virtual void forget(job_id job) = 0;

    // The same for jobs of which more than that can be said; an owner who has no use for it need not listen.

    /// The job has ended well. As forget(), with a result that somebody may ask for.
    virtual void complete(const job_record& job, const job_result& /*result*/) { forget(job.id); }
    /// The job has failed for good. As forget(), with a letter that somebody should read.
    virtual void bury(const job_record& job, const cause_of_death& /*why*/) { forget(job.id); }
    /// The job has failed or lost its worker and is to be tried again: its counts and its time are new.
    virtual void reschedule(const job_record& /*job*/) {}
    /// Bring back what the store keeps of `jobs`, which it has for good. Answered by core::loaded, or core::load_failed.
    virtual void load(load_ticket /*name*/, std::span<const job_id> /*jobs*/) {}
    /// The store had nothing of a job that it had said it keeps.
    virtual void missing(job_id /*job*/) {}
    /// A step of a run: all of it at once, or nothing. Answered by core::stored for each job that it keeps (core::gathered for
    /// those that are made of parts) and, when it ends the run, for that. Only one that begins a run may be answered by
    /// core::store_failed, for the run itself at least; any other must be made, sooner or later, in the order of these calls.
    virtual void change_run(const run_change& /*change*/) {}
    /// Answer a question, by core::served.
    virtual void serve(service_ticket /*name*/, const service_question& /*question*/) {}

    /// Flush what is written to `connection` and close it. `disconnected` follows as for any other close.
    virtual void close(connection_id connection, std::string_view reason) = 0;
    /// A peer that may do so wants the server to end: when its running jobs have ended if it is to be graceful, else soon.
    virtual void shut_down(bool graceful) { static_cast<void>(graceful); }
};

}  // namespace sheaf::broker
