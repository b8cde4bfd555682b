// Who sleeps, and whom a runnable job wakes: one sleeping worker for each, never the herd, and never none. Workers that have
// left a grab open come first: no runnable job is left beside one. Of them, those that run nothing come before those with a
// job, and the one that was busy last comes before others of its kind, since its caches are warm.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// The connection says PRE_SLEEP. It is told at once when there is a job for it. A grab that was open ends with NO_JOB.
void fall_asleep(world& w, connection_id worker);
/// The connection, which is awake, is sent a job as soon as there is one, after a NOOP.
void leave_grab_open(world& w, connection_id worker);
/// The worker has one job less; if that was its last one, its open grab moves to the front.
void come_to_rest(world& w, connection_id worker);
/// The connection shows that it is awake; if a job woke it, that job may need someone else now.
void wake_up(world& w, connection_id worker);
/// Hands the runnable jobs of `function` to open grabs; then wakes as many of its sleeping workers as the others ask for and
/// have not got.
void wake_for(world& w, slot function);
/// Stops counting on workers that were woken and did not grab in time; others are woken in their place.
void lose_patience(world& w);
/// The most urgent priority of which a worker may have one of the function's jobs now, or priority_count. While background jobs
/// are held back, those that wait behind one wait with it.
[[nodiscard]] std::size_t urgency_now(const world& w, const function& f);
/// How many jobs of the function workers may have now; while background jobs are held back, no more than one of them is counted.
[[nodiscard]] std::uint32_t runnable_now(const world& w, const function& f);
/// Background jobs are handed out no more, or again.
void hold_background(world& w, bool held);
/// The position, among the worker's abilities, of the function whose job it should have now; empty if there is none.
[[nodiscard]] std::optional<std::size_t> choose_ability(const world& w, const connection& worker);

/// An ability that begins or ends while its connection sleeps, or its grab is open, joins or leaves that list
/// of the function's.
void add_sleeper(world& w, slot ability);
void remove_sleeper(world& w, slot ability);

}  // namespace sheaf::broker
