// The driver's loop: starts what the plan says, waits, and tells the plan what happened.
#include "map_reduce/driver.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "map_reduce/sampling.hpp"
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

plan_options plan_for(const run_setup& setup, const map_reduce_options& how) {
    return {.slots = setup.slots,
            .window = 2 * setup.slots,
            .failures_max = std::max(1U, how.attempts_max),
            .bad_records = how.bad_records != 0,
            .verify = how.verify,
            .backups = how.backups,
            .stalled_after = how.stalled_after,
            .wait_for_space = how.wait_for_space};
}

std::vector<stage_plan> stages_of(const run_account& account, std::size_t samples) {
    std::vector<std::uint64_t> map_costs;
    for (const auto& pieces : account.splits()) map_costs.push_back(map_cost_of(pieces));
    std::vector<std::uint64_t> reduce_costs;
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit)
        reduce_costs.push_back(account.partitions_of(unit));
    std::vector<stage_plan> stages;
    if (samples != 0) stages.push_back({run_stage::sample, std::vector<std::uint64_t>(samples, 1)});
    stages.push_back({run_stage::map, std::move(map_costs)});
    if (const std::uint32_t groups = account.header().groups; groups != 0)
        stages.push_back({run_stage::merge, std::vector<std::uint64_t>(groups, 1)});
    if (!reduce_costs.empty()) stages.push_back({run_stage::reduce, std::move(reduce_costs)});
    return stages;
}

// Whatever is wrong with a segment, somebody who needs it will say so.
bool free_if_there(const std::string& path, std::span<const std::uint32_t> partitions) {
    try {
        return free_partitions(path, partitions);
    } catch (const bad_segment&) {
        return true;
    }
}

}  // namespace

failure failure_of(error why) {
    failure told;
    told.code = why.code;
    told.message = std::move(why.message);
    return told;
}

// As many as each then has splits, so that no attempt has much to do.
std::uint32_t groups_for(const job_shape& job, std::size_t splits) {
    constexpr std::size_t splits_worth_it = 4;
    if (!job.two_tiers || splits < splits_worth_it) return 0;
    std::uint32_t groups = 1;
    while (std::size_t{groups} * groups < splits) ++groups;
    return groups;
}

std::uint64_t map_cost_of(const std::vector<input_piece>& pieces) {
    constexpr std::uint64_t cost_of_an_attempt = 64U << 10;
    return bytes_of(pieces) + cost_of_an_attempt;
}

void throw_failed(error why) { throw run_failed(failure_of(std::move(why))); }

run_driver::run_driver(const unit_calls& calls, call_engine& engine, const map_reduce_options& how, run_setup setup,
                       run_state state, const run_company& company)
    : calls_(calls),
      engine_(engine),
      how_(how),
      setup_(std::move(setup)),
      state_(std::move(state)),
      company_(company),
      plan_(plan_for(setup_, how_), stages_of(state_.account, setup_.sampled.size())),
      space_(state_.account.header().partitions, free_if_there),
      log_(setup_.began, state_.account.header().partitions, state_.account.header().partitions_per_unit),
      line_(std::string(calls.job), how.progress),
      servers_(how.wait_for_servers),
      exchange_(make_run_id(), state_.work.path().string()),
      key_(make_run_id()),
      samples_(setup_.sampled.size()),
      places_(setup_.waits_for_workers ? 0 : setup_.slots) {
    for (const std::uint32_t index : state_.account.order()) map_bytes_ += bytes_of(state_.account.splits()[index]);
    restore();
}

run_driver::~run_driver() {
    for (const auto& [tag, one] : flights_) engine_.cancel(one.call);
}

// Tells the plan what an earlier driver has done.
void run_driver::restore() {
    const run_account& account = state_.account;
    std::vector<bool> divided(account.splits().size(), true);
    for (const std::uint32_t index : account.order()) divided[index] = false;
    for (std::uint32_t index = 0; index < divided.size(); ++index) {
        if (divided[index]) plan_.restore_divided(run_stage::map, index);
        if (account.mapped(index) != nullptr) plan_.restore_done(run_stage::map, index);
    }
    for (std::uint32_t group = 0; group < account.header().groups; ++group) {
        if (account.merged(group) != nullptr) plan_.restore_done(run_stage::merge, group);
    }
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit) {
        if (account.reduced(unit) == nullptr) continue;
        plan_.restore_done(run_stage::reduce, unit);
        space_.done(account.first_partition(unit), account.partitions_of(unit), {});
    }
    if (!state_.note.empty()) notes_.push_back(state_.note);
}

map_reduce_report run_driver::run() {
    try {
        return run_to_its_end();
    } catch (const run_failed& failed) {
        if (!how_.resume || !is_of_surroundings(failed.why())) throw;
        state_.leave();
        failure why = failed.why();
        if (!why.message.ends_with('.')) why.message += '.';
        why.message += " What has been done is kept for 24 hours: the same run goes on from there when it is resumed.";
        throw run_failed(std::move(why));
    }
}

map_reduce_report run_driver::run_to_its_end() {
    while (plan_.now() == run_plan::state::running) {
        start_attempts();
        end_attempts();
        watch_servers();
        for (unit_event& event : events_->wait(wake_up(), company_.stop)) take(std::move(event));
        throw_if_interrupted();
        note_stage_change();
        show_progress();
    }
    if (plan_.now() == run_plan::state::failed) throw run_failed(plan_.why());
    company_.board.show(progress(clock::now()));
    return finish();
}

void run_driver::throw_if_interrupted() const {
    if (!company_.stop.stop_requested()) return;
    throw cancelled(failure_of({errc::cancelled, std::string(calls_.job) + " was interrupted"}));
}

void run_driver::start_attempts() {
    while (const auto attempt = plan_.start_next(clock::now())) submit(*attempt);
}

void run_driver::end_attempts() {
    while (const auto ending = plan_.end_next(clock::now())) {
        const auto found =
            std::ranges::find_if(flights_, [&](const auto& one) { return one.second.attempt == ending->attempt; });
        SHEAF_ASSERT(found != flights_.end(), "an attempt that is to end is out");
        found->second.stalled = ending->stalled;
        engine_.cancel(found->second.call);
    }
}

void run_driver::submit(const unit_attempt& attempt) {
    const std::uint64_t tag = ++last_tag_;
    flight& one = flights_[tag];
    one.attempt = attempt;
    one.submitted = one.began = clock::now();
    if (plan_.is_backup(attempt)) {
        company_.board.tell(map_reduce_events::backup_begun{attempt.stage, attempt.index});
    }
    // Each attempt has a key of its own, so that the server never takes a second one for the first; but an attempt that is
    // submitted again, since the connection was lost, becomes one with a copy that is still running. A retry is a new attempt,
    // which the plan counts, and so the call itself is tried once, the default.
    constexpr const char* stage_keys[] = {".s", ".m", ".g", ".r"};
    const call_options how{.deadline = forever,
                           .priority = attempt.number > 1 ? priority::high : priority::normal,
                           // An attempt that is told the driver's address is another one than that which asked for it.
                           .unique = key_ + (exchange_.is_open() ? "x" : "") +
                                     stage_keys[static_cast<std::size_t>(attempt.stage)] +
                                     std::to_string(attempt.index) + "." + std::to_string(attempt.number)};
    raw_call call = call_for(attempt, one);
    call.own_key = true;
    one.call = engine_.submit(call, how, events_, tag);
}

void run_driver::take(unit_event event) {
    if (event.answer) return event.answer();
    const auto found = flights_.find(event.tag);
    SHEAF_ASSERT(found != flights_.end(), "an attempt ends once, and is silent afterwards");
    setup_.waits_for_workers = false;
    const auto now = clock::now();
    if (!event.ended) {
        flight& one = found->second;
        if (one.began == one.submitted) one.began = now;
        one.share_done = event.share_done;
        return plan_.progress(one.attempt, event.share_done, now);
    }
    const flight one = std::move(found->second);
    flights_.erase(found);
    switch (one.attempt.stage) {
        case run_stage::sample: return end_sample(one, std::move(*event.ended));
        case run_stage::map: return end_map(one, std::move(*event.ended));
        case run_stage::merge: return end_merge(one, std::move(*event.ended));
        case run_stage::reduce: return end_reduce(one, std::move(*event.ended));
    }
}

void run_driver::note_stage_change() {
    const run_stage now = plan_.current_stage();
    if (now == stage_) return;
    if (stage_ < now && plan_.units_in(stage_) != 0) {
        company_.board.tell(map_reduce_events::stage_done{stage_, plan_.units_in(stage_)});
    }
    if (stage_ == run_stage::sample && !samples_.empty() && !state_.account.has_boundaries()) choose_boundaries();
    if (now > run_stage::map && !maps_done_) maps_done_ = clock::now();
    stage_ = now;
}

void run_driver::choose_boundaries() {
    range_choice choice = choose_ranges(std::exchange(samples_, {}), state_.account.header().partitions);
    if (!choice.note.empty()) notes_.push_back(std::move(choice.note));
    if (const std::uint64_t missing = plan_.counts().done_without; missing != 0) {
        notes_.push_back("workers died of " + std::to_string(missing) + " of " +
                         std::to_string(plan_.units_in(run_stage::sample)) +
                         " samples: the ranges of keys are those of the others");
    }
    note(boundaries_chosen{std::move(choice.boundaries)});
}

}  // namespace sheaf::detail
