// The planner's decisions.
#include "map_reduce/run_plan.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"

namespace sheaf::detail {

std::string to_string(run_stage stage, std::uint32_t index) {
    return (stage == run_stage::map ? "split " : "partition ") + std::to_string(index);
}

bool may_go_better(const failure& why) noexcept {
    if (why.typed_index >= 0) return false;
    switch (why.code) {
        case errc::worker_lost:
        case errc::connection_lost:
        case errc::connection_failed:
        case errc::timeout:
        case errc::cancelled:  // its worker is being shut down
        case errc::job_failed:
        case errc::remote_exception:
        case errc::queue_full:
        case errc::server_error:
        case errc::shutting_down: return true;
        default: return false;
    }
}

run_plan::run_plan(const plan_options& how) : how_(how) {
    SHEAF_ASSERT(how.partitions > 0 && how.window > 0 && how.failures_max > 0, "a plan needs room to work");
    const std::uint32_t sizes[] = {how.splits, how.partitions};
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        stages_[i].units.resize(sizes[i]);
        stages_[i].ready.resize(sizes[i]);
        std::iota(stages_[i].ready.begin(), stages_[i].ready.end(), 0U);
    }
}

run_stage run_plan::current_stage() const noexcept {
    return done_in(run_stage::map) < units_of(run_stage::map).units.size() ? run_stage::map : run_stage::reduce;
}

std::uint32_t run_plan::done_in(run_stage stage) const noexcept { return units_of(stage).done; }

std::optional<unit_attempt> run_plan::start_next(time_point now) {
    if (state_ != state::running || flying_.size() >= how_.window) return std::nullopt;
    release_delayed(now);
    const run_stage at = current_stage();
    auto& ready = units_of(at).ready;
    while (!ready.empty()) {
        const std::uint32_t index = ready.front();
        ready.pop_front();
        if (!units_of(at).units[index].done) return launch(at, index, now);
    }
    return start_backup(now);
}

unit_attempt run_plan::launch(run_stage stage, std::uint32_t index, time_point now) {
    unit& one = units_of(stage).units[index];
    ++one.out;
    ++counts_.attempts;
    const unit_attempt attempt{stage, index, ++one.attempts};
    flying_.push_back({attempt, now});
    return attempt;
}

// The attempt is out no longer. Gives when it had begun; nothing when it was never started.
std::optional<run_plan::time_point> run_plan::land(const unit_attempt& attempt) {
    const auto found = std::ranges::find(flying_, attempt, &flight::attempt);
    SHEAF_ASSERT(found != flying_.end(), "an attempt ends once");
    const time_point since = found->since;
    flying_.erase(found);
    --unit_of(attempt).out;
    return since;
}

bool run_plan::finish(const unit_attempt& attempt, time_point now) {
    const auto since = land(attempt);
    unit& one = unit_of(attempt);
    if (one.done) return false;
    one.done = true;
    stage_units& of = units_of(attempt.stage);
    ++of.done;
    of.time += now - *since;
    if (done_in(run_stage::reduce) == units_of(run_stage::reduce).units.size() && state_ == state::running)
        state_ = state::done;
    return true;
}

void run_plan::fail(const unit_attempt& attempt, const failure& why, time_point now) {
    land(attempt);
    if (why.code == errc::worker_lost) ++counts_.workers_lost;
    if (unit_of(attempt).done || state_ != state::running) return;
    if (!may_go_better(why)) return give_up(why);
    // A dead worker is over and done with; whatever else it was may need time to pass.
    if (why.code == errc::worker_lost) return retry_or_give_up(attempt.stage, attempt.index, why, std::nullopt);
    const auto pause = how_.retry_pause * (1 << std::min(unit_of(attempt).failures, 8U));
    retry_or_give_up(attempt.stage, attempt.index, why, now + pause);
}

void run_plan::lose_segment(const unit_attempt& reducer, std::uint32_t split, bool current, const failure& why) {
    land(reducer);
    if (unit_of(reducer).done || state_ != state::running) return;
    // Not the reducer's fault: it comes again as soon as the segment is back.
    ++counts_.retries;
    units_of(run_stage::reduce).ready.push_front(reducer.index);
    stage_units& maps = units_of(run_stage::map);
    unit& mapped = maps.units.at(split);
    if (!current || !mapped.done) return;
    mapped.done = false;
    mapped.has_backup = false;
    --maps.done;
    ++counts_.segments_lost;
    retry_or_give_up(run_stage::map, split, why, std::nullopt);
}

void run_plan::retry_or_give_up(run_stage stage, std::uint32_t index, const failure& why,
                                std::optional<time_point> again_at) {
    unit& one = units_of(stage).units[index];
    if (++one.failures >= how_.failures_max) {
        failure last = why;
        last.message += " (the last of " + std::to_string(one.failures) + " attempts that failed)";
        return give_up(std::move(last));
    }
    if (one.out > 0) return;  // its backup may still make it
    ++counts_.retries;
    if (!again_at) return units_of(stage).ready.push_front(index);
    delayed_.push_back({stage, index, *again_at});
}

void run_plan::give_up(failure why) {
    state_ = state::failed;
    why_ = std::move(why);
}

void run_plan::release_delayed(time_point now) {
    std::erase_if(delayed_, [&](const delayed_unit& one) {
        if (one.at > now) return false;
        units_of(one.stage).ready.push_back(one.index);
        return true;
    });
}

// When the attempt has been out so long that a second one should run beside it.
std::optional<run_plan::time_point> run_plan::backup_time(const flight& one) const {
    const stage_units& of = units_of(one.attempt.stage);
    const unit& slow = of.units[one.attempt.index];
    if (slow.done || slow.has_backup || of.done == 0 || of.done * 4 < of.units.size() * 3) return std::nullopt;
    const auto mean = of.time / of.done;
    return one.since + std::max<std::chrono::nanoseconds>(how_.backup_after, 3 * mean);
}

std::optional<unit_attempt> run_plan::start_backup(time_point now) {
    for (const flight& one : flying_) {
        const auto at = backup_time(one);
        if (!at || *at > now) continue;
        const unit_attempt slow = one.attempt;
        unit_of(slow).has_backup = true;
        ++counts_.backups;
        return launch(slow.stage, slow.index, now);
    }
    return std::nullopt;
}

std::optional<run_plan::time_point> run_plan::next_deadline() const {
    if (state_ != state::running) return std::nullopt;
    std::optional<time_point> first;
    const auto consider = [&](time_point at) { first = first ? std::min(*first, at) : at; };
    for (const delayed_unit& one : delayed_) consider(one.at);
    if (flying_.size() >= how_.window) return first;
    for (const flight& one : flying_) {
        if (const auto at = backup_time(one)) consider(*at);
    }
    return first;
}

}  // namespace sheaf::detail
