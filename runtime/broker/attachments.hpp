// Who waits for which job, and for which acknowledgement.
#pragma once

#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// Attaches `client` to a job and acknowledges its submission: at once, or when the store has answered.
void attach_client(world& w, slot j, connection_id client);
/// Acknowledges a background submission, when the store has the job.
void acknowledge_background(world& w, slot j, connection_id submitter);

/// The store has the job: all held acknowledgements are given.
void acknowledge_waiting(world& w, slot j);
/// The job ends. Held acknowledgements are given, but for background submissions that the store has not answered for: these hear
/// what it says, although the job is no more.
void settle_ended(world& w, slot j);
/// The store could not keep the job: its background submissions are refused, its clients keep waiting for its end.
void refuse_waiting(world& w, slot j, std::string_view why);

/// Nobody waits for the job any more, which ends: see settle_ended().
void detach_all(world& w, slot j);
/// The connection waits for nothing any more. Jobs that nobody else wants are dropped.
void detach_connection(world& w, connection_id connection);

/// Calls `visit(connection_id)` for every client of a job, once for each of its submissions. Nobody may attach or
/// detach meanwhile.
template <class Visit>
void for_each_client(world& w, slot j, Visit&& visit) {
    for (slot at = w.jobs[j].attachments.first; at != no_slot; at = w.attachments[at].in_job.next) {
        const attachment& a = w.attachments[at];
        if (a.role != attachment_role::waiting_background) visit(a.connection);
    }
}

}  // namespace sheaf::broker
