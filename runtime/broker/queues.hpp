// The queues: for each function and priority a list of jobs in memory and, when that is long and memory is short, a line behind it.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// Makes a job wait for a worker, as the last of its queue. If only the store keeps it from then on, it is not at `j` any more.
void join_queue(world& w, slot j);
/// The same, but before the jobs that were submitted after it: these may wait already, since the store does not keep foreground
/// jobs.
void join_queue_by_age(world& w, slot j);
/// Takes a job out of its queue; the caller gives it another phase, or erases it.
void leave_queue(world& w, slot j);

}  // namespace sheaf::broker
