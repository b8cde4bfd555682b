// The backlog: jobs that wait, and of which memory keeps no more than their numbers, since the store has them for good.
//
// When jobs take more memory than they may, those that join the end of a long queue leave memory: a few bytes in
// absent_jobs say what each waits for, and its place is a number in its queue's line. Before the list in front of the line
// runs empty the store is asked for the next ones. What joins the queue meanwhile goes to the line, too, in memory or not, so
// that the order is that of any queue.
#pragma once

#include <span>

#include "broker/world.hpp"

namespace sheaf::broker {

/// How many jobs of each queue stay in memory however little there is of it.
[[nodiscard]] std::size_t jobs_in_memory(const world& w);
/// Whether a job is to leave memory if it waits long: there is too little of it, and nobody waits for the job here.
[[nodiscard]] bool may_leave(const world& w, const job& j);
/// Only the store knows the job from now on; it is in its line, or in absent_schedule.
void leave_memory(world& w, slot j);
/// A job that waits for its time leaves memory if it may. Then it is not at `j` any more.
void leave_delayed(world& w, slot j);

/// Moves jobs from the line to the list of their queue if they are in memory; asks the store for those that are not, if the list
/// becomes short. Functions that have more runnable jobs than before are noted in world::to_wake.
void refill(world& w, slot function, protocol::priority priority);
/// What the store was asked for joins its queue's list.
void on_loaded(world& w, load_ticket name, std::span<const job_record> rows);
/// The store could not look.
void on_load_failed(world& w, load_ticket name);
/// Asks again, when it is time.
void retry_loads(world& w);
/// Wakes workers for what refill() has brought.
void wake_refilled(world& w);

/// The absent job that is due first, when it is time for one; nothing else happens.
[[nodiscard]] bool has_absent_due(const world& w);
/// It waits for a worker from now on.
void release_absent_due(world& w);

}  // namespace sheaf::broker
