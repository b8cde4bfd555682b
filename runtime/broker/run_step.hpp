// One step of a run while it is decided.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "broker/world.hpp"

namespace sheaf::broker {

/// Changes the run and its jobs in memory, and gathers what the store is to change as one. Used within one call of the broker.
class run_step {
  public:
    run_step(world& w, run& r) : w_(w), run_(r) { change_.run = r.about.id; }

    /// The run's first: a visit brings `item` to the beginning of the plan.
    void begin(std::string_view item);
    /// Takes the job out of the run: whatever becomes of it, the run's next steps do not need it.
    void take_out(slot at);
    void count_done(std::uint32_t node);
    /// A worker is to walk the plan from `at` on.
    void visit(const protocol::run_visit& what, const run_place& at);
    /// What a worker that has walked the plan wants: frames, calls and parts in place of the visit that was at `at`.
    void obey(const protocol::run_orders& orders, const run_place& at);
    /// A part of a frame is there.
    void settle(job_id frame, std::uint32_t at, const shared_bytes& bytes);
    void end(run_state how, const shared_bytes& outcome, std::string_view why = {});
    /// The run cannot be carried on.
    void break_off(std::string_view why) { end(run_state::broken, shared_bytes(why), why); }
    /// All that is in the run, so that nothing is left of it but that it was.
    void drop_all();
    /// Hands the change to the store.
    void make();

  private:
    job_record add_job(slot function, protocol::priority urgency, const run_place& at, const shared_bytes& payload,
                       wall_time run_at = {});
    void gather(job_id frame);
    void lose_part(const run_place& at);
    run_frame take_out(job_id frame);
    void drop(job_id frame);
    void drop(run_members inside);
    void drop_job(slot at);
    void open(const protocol::order_frame& what, const run_place& whole);
    void call(const protocol::order_call& what, const run_place& place);

    world& w_;
    run& run_;
    run_change change_;
    std::unordered_set<job_id::number_type> dropped_;  ///< jobs
};

}  // namespace sheaf::broker
