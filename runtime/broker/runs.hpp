// Runs: detached pipelines, which the server carries on by itself.
//
// Every step of a run follows the end of one of its jobs: that the job is kept no more, what follows from it, and what that
// completes, is one change, which the store makes as a whole. So whatever dies in between, the run stands before a step or
// behind it. What the jobs do is the workers' business: a *visit* is a job in which a worker walks the plan, and says which
// calls, frames and parts that leads to (protocol/run_orders.hpp).
#pragma once

#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// A run that nobody knows yet, whose first visit brings `item` to the beginning of the plan. It has begun when the store says so.
run& begin_run(world& w, run_record about, std::string_view item);

/// A job of a run has ended, as `how` and `data` say; the caller removes it, as one that concerns nobody any more.
void advance_run(world& w, slot j, protocol::visit_kind how, std::string_view data);
/// Ends a run that goes on: its jobs are dropped.
void cancel_run(world& w, run& r);

/// The store has a run's end, or its beginning, for good.
void on_run_stored(world& w, job_id run);
/// It could not keep the beginning of `run`: there is none. False when there is no run of that number that has yet to begin.
bool on_run_refused(world& w, job_id run, std::string_view why);
/// The store has given the outcome of `run` to `taker`, or had done so before.
void on_run_taken(world& w, job_id run, const std::string& taker);
void on_restore_run(world& w, const restored_run& known);

/// A job of a run comes back. False when there is no such run that goes on.
[[nodiscard]] bool rejoin_run(world& w, const job& j);

/// Forgets runs that ended long ago.
void forget_ended_runs(world& w);

}  // namespace sheaf::broker
