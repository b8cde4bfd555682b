// The planner's decisions.
#include "map_reduce/run_plan.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::detail {
namespace {

constexpr std::chrono::milliseconds resubmission_pause{100};
constexpr std::chrono::milliseconds hand_back_pause{10};  // the first; others may be free then
// How often stragglers are looked for: now and then while units of their size are made.
constexpr std::chrono::milliseconds look_min{20};
constexpr std::chrono::milliseconds look_max{1000};
// At how many places a unit may be tried at the same time, where workers may have come since the run began.
constexpr std::size_t places_assumed = 4;

}  // namespace

std::string to_string(run_stage stage, std::uint32_t index) {
    constexpr const char* units[] = {"sample ", "split ", "group ", "partition "};
    return units[static_cast<std::size_t>(stage)] + std::to_string(index);
}

run_plan::run_plan(const plan_options& how, const std::vector<stage_plan>& stages)
    : how_(how), limits_{.failures_max = how.failures_max, .bad_records = how.bad_records} {
    SHEAF_ASSERT(how.slots > 0 && how.window > 0 && how.failures_max > 0, "a plan needs room to work");
    SHEAF_ASSERT(!stages.empty(), "a plan has something to do");
    for (const stage_plan& one : stages) stages_.emplace_back(one.stage, one.costs);
    if (current().is_complete()) state_ = state::done;  // the input of a map-only job may be empty
}

// ---- Stages and units.

const unit_table* run_plan::find(run_stage stage) const noexcept {
    const auto found = std::ranges::find(stages_, stage, &unit_table::stage);
    return found != stages_.end() ? &*found : nullptr;
}

unit_table& run_plan::table(run_stage stage) {
    return const_cast<unit_table&>(std::as_const(*this).table(stage));  // NOLINT: ours, and not const
}

const unit_table& run_plan::table(run_stage stage) const {
    const unit_table* const found = find(stage);
    SHEAF_ASSERT(found != nullptr, "the run has such a stage");
    return *found;
}

const unit_table& run_plan::current() const noexcept {
    const auto found = std::ranges::find_if(stages_, [](const unit_table& one) { return !one.is_complete(); });
    return found != stages_.end() ? *found : stages_.back();
}

run_stage run_plan::current_stage() const noexcept { return current().stage(); }

std::uint32_t run_plan::done_in(run_stage stage) const noexcept {
    const unit_table* const found = find(stage);
    return found != nullptr ? found->done() : 0;
}

std::uint32_t run_plan::units_in(run_stage stage) const noexcept {
    const unit_table* const found = find(stage);
    return found != nullptr ? found->count() : 0;
}

void run_plan::restore_done(run_stage stage, std::uint32_t index) {
    table(stage).finish(index);
    if (current().is_complete()) state_ = state::done;
}

void run_plan::restore_divided(run_stage stage, std::uint32_t index) {
    table(stage).retire(index);
    if (current().is_complete()) state_ = state::done;
}

// ---- Starting.

std::optional<unit_attempt> run_plan::start_next(time_point now) {
    if (state_ != state::running) return std::nullopt;
    // Backups go before other units, also when the window is full of those.
    if (has_room_for_backup()) {
        if (const auto other = start_elsewhere(now)) return other;
        if (const auto backup = start_backup(now)) return backup;
    }
    if (!has_room()) return std::nullopt;
    unit_table& of = table(current_stage());
    const auto index = of.take_ready(now);
    return index ? std::optional(launch(of, *index, now)) : std::nullopt;
}

unit_attempt run_plan::launch(unit_table& of, std::uint32_t index, time_point now) {
    run_unit& one = of.at(index);
    ++one.out;
    ++counts_.attempts;
    const unit_attempt attempt{of.stage(), index, ++one.attempts, one.mode()};
    flying_.push_back({attempt, {.out_since = now, .began = std::nullopt, .heard = now}});
    return attempt;
}

bool run_plan::is_backup(const unit_attempt& attempt) const { return table(attempt.stage).at(attempt.index).out > 1; }

void run_plan::progress(const unit_attempt& attempt, double share, time_point now) {
    const auto found = std::ranges::find(flying_, attempt, &flight::attempt);
    if (found == flying_.end()) return;
    if (!found->at.began) found->at.began = now;
    found->at.heard = now;
    found->at.share = share;
}

// ---- Ends of attempts.

run_plan::flight run_plan::land(const unit_attempt& attempt) {
    const auto found = std::ranges::find(flying_, attempt, &flight::attempt);
    SHEAF_ASSERT(found != flying_.end(), "an attempt ends once");
    const flight landed = *found;
    flying_.erase(found);
    --unit_of(attempt).out;
    return landed;
}

void run_plan::note_done(const flight& landed, time_point now) {
    unit_table& of = table(landed.attempt.stage);
    of.finish(landed.attempt.index);
    refused_since_.reset();
    if (current().is_complete() && state_ == state::running) state_ = state::done;
    of.pace().note(of.at(landed.attempt.index).cost, landed.at.age(now));
}

finish_verdict run_plan::finish(const unit_attempt& attempt, std::uint64_t checksum, time_point now) {
    const flight landed = land(attempt);
    run_unit& one = unit_of(attempt);
    if (one.is_over()) return finish_verdict::late;
    if (how_.verify && !one.first_result) {
        one.first_result = checksum;
        if (one.out == 0) table(attempt.stage).ready_last(attempt.index);
        return finish_verdict::half;
    }
    if (how_.verify && *one.first_result != checksum) return finish_verdict::differs;
    if (how_.verify) ++counts_.verified;
    note_done(landed, now);
    return finish_verdict::counts;
}

bool run_plan::fail(const unit_attempt& attempt, const failure& why, time_point now) {
    land(attempt);
    if (why.code == errc::worker_lost) ++counts_.workers_lost;
    run_unit& one = unit_of(attempt);
    if (one.is_over() || state_ != state::running) return false;
    remedy what = remedy_for(one.history, attempt.stage, why, limits_);
    if (what == remedy::try_elsewhere) {
        ++counts_.refusals;
        if (!refused_since_) refused_since_ = now;
        if (is_refused_everywhere(now)) what = remedy::give_up;
    }
    // Another attempt at it is out, and may still make it.
    if (one.out > 0 && what != remedy::give_up) return false;
    if (what == remedy::divide) return true;
    apply(what, table(attempt.stage), attempt.index, why, now);
    return false;
}

void run_plan::apply(remedy what, unit_table& of, std::uint32_t index, const failure& why, time_point now) {
    run_unit& one = of.at(index);
    if (what == remedy::give_up) {
        failure last = why;
        if (trouble_of(why) == trouble::host) {
            last.message +=
                " Nobody did better for " + std::to_string(how_.wait_for_space.count()) + " ms (wait_for_space).";
        } else if (trouble_of(why) != trouble::final) {
            last.message += " (the last of " + std::to_string(one.attempts) + " attempts that failed)";
        }
        return give_up(std::move(last));
    }
    if (what == remedy::do_without) {
        ++counts_.done_without;
        return of.finish(index);
    }
    ++counts_.retries;
    one.has_backup = false;
    switch (what) {
        case remedy::submit_again:
            --one.attempts;  // the number stays, and with it the job's unique key
            return of.ready_at(index, now + resubmission_pause);
        case remedy::try_later:
            return of.ready_at(index, now + how_.retry_pause * (1 << std::min(one.history.failures - 1, 8U)));
        case remedy::try_elsewhere:
            return of.ready_at(index, now + how_.retry_pause * (1 << std::min(one.history.refusals - 1, 4U)));
        default: return of.ready_first(index);
    }
}

// Those that had begun before patience ended may be on a host that has space: they are waited for.
bool run_plan::is_refused_everywhere(time_point now) const {
    const time_point end = *refused_since_ + how_.wait_for_space;
    if (now < end) return false;
    return std::ranges::none_of(flying_, [&](const flight& one) { return one.at.began && one.at.out_since <= end; });
}

std::uint32_t run_plan::divide(run_stage stage, std::uint32_t index, const std::vector<std::uint64_t>& costs) {
    counts_.retries += costs.size();
    return table(stage).divide(index, costs);
}

void run_plan::cannot_divide(run_stage stage, std::uint32_t index) {
    table(stage).at(index).history.single = true;
    ++counts_.retries;
    table(stage).ready_first(index);
}

void run_plan::lose_segment(const unit_attempt& reducer, const unit_attempt& maker, bool current, const failure& why) {
    const flight landed = land(reducer);
    if (unit_of(reducer).is_over() || state_ != state::running) return;
    // Not the reducer's fault: it comes again as soon as the segment is back.
    ++counts_.retries;
    table(reducer.stage).ready_first(reducer.index);
    unit_table& makers = table(maker.stage);
    run_unit& made = makers.at(maker.index);
    if (!current || !made.done) return;
    makers.reopen(maker.index);
    made.first_result.reset();
    ++counts_.segments_lost;
    const bool too_often = ++made.history.failures >= how_.failures_max;
    apply(too_often ? remedy::give_up : remedy::try_now, makers, maker.index, why, landed.at.heard);
}

void run_plan::hand_back(const unit_attempt& attempt, time_point now) {
    land(attempt);
    --counts_.attempts;  // nothing was done
    run_unit& one = unit_of(attempt);
    const unsigned before = one.handed_back++;
    if (one.is_over() || one.out > 0) return;
    table(attempt.stage).ready_at(attempt.index, now + hand_back_pause * (1U << std::min(before, 4U)));
}

void run_plan::make_again(run_stage stage, std::uint32_t index) {
    unit_table& of = table(stage);
    if (!of.at(index).done || state_ != state::running) return;
    of.reopen(index);
    of.at(index).first_result.reset();
    of.ready_first(index);
    ++counts_.segments_lost;
    ++counts_.retries;
}

void run_plan::give_up(failure why) {
    if (state_ == state::failed) return;
    state_ = state::failed;
    why_ = std::move(why);
}

// At how many places a unit is to be tried at the same time. One that a host has refused could come to the same one again and again,
// which has nothing else to do and so is always the first to take it; twice as many attempts each time are sure to reach the others.
// So it is with a worker that hands an attempt back while nobody else has anything to do.
std::size_t run_plan::places_wanted(const run_unit& unit) const {
    if (several_hosts_ && unit.history.refusals > 0) {
        return std::min(std::max(how_.slots, places_assumed), std::size_t{1} << std::min(unit.history.refusals, 16U));
    }
    return unit.handed_back > 0 && flying_.size() == 1 ? 2 : 1;
}

std::optional<unit_attempt> run_plan::start_elsewhere(time_point now) {
    for (const flight& one : flying_) {
        if (one.attempt.stage != current_stage()) continue;
        const run_unit& unit = unit_of(one.attempt);
        if (unit.is_over() || unit.out >= places_wanted(unit)) continue;
        if (unit.history.refusals > 0) ++counts_.retries;
        return launch(table(one.attempt.stage), one.attempt.index, now);
    }
    return std::nullopt;
}

// ---- Stragglers, losers and those that hang.

std::size_t run_plan::begun_attempts() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(flying_, [](const flight& one) { return one.at.began.has_value(); }));
}

bool run_plan::may_have_backup(const flight& one) const {
    if (!how_.backups || one.ending || one.attempt.stage != current_stage()) return false;
    const run_unit& unit = table(one.attempt.stage).at(one.attempt.index);
    return !unit.is_over() && !unit.has_backup && unit.out == 1;
}

bool run_plan::wants_backup(const flight& slow, bool idle, time_point now) const {
    if (!may_have_backup(slow)) return false;
    const unit_table& of = table(slow.attempt.stage);
    const auto expected = of.pace().expected(of.at(slow.attempt.index).cost);
    return expected && backups_.pays(slow.at, *expected, idle, now);
}

std::optional<unit_attempt> run_plan::start_backup(time_point now) {
    const bool idle = begun_attempts() < how_.slots && !current().has_ready();
    for (const flight& one : flying_) {
        if (!wants_backup(one, idle, now)) continue;
        const unit_attempt slow = one.attempt;
        unit_of(slow).has_backup = true;
        ++counts_.backups;
        return launch(table(slow.stage), slow.index, now);
    }
    return std::nullopt;
}

// A loser on a crawling machine is left alone until its stage ends: it keeps that machine from units that matter.
bool run_plan::is_useless(const flight& one, time_point now) const {
    const unit_table& of = table(one.attempt.stage);
    if (!of.at(one.attempt.index).is_over()) return false;
    if (one.attempt.stage != current_stage()) return true;
    const auto expected = of.pace().expected(of.at(one.attempt.index).cost);
    return !expected || !backups_.is_crawling(one.at, *expected, now);
}

bool run_plan::has_stalled(const flight& one, time_point now) const {
    return how_.stalled_after.count() > 0 && one.at.began && now - one.at.heard >= how_.stalled_after;
}

std::optional<run_plan::ending> run_plan::end_next(time_point now) {
    for (flight& one : flying_) {
        if (one.ending) continue;
        const bool stalled = has_stalled(one, now);
        if (!stalled && !is_useless(one, now)) continue;
        one.ending = true;
        return ending{one.attempt, stalled};
    }
    return std::nullopt;
}

std::optional<run_plan::time_point> run_plan::next_deadline(time_point now) const {
    if (state_ != state::running) return std::nullopt;
    std::optional<time_point> first;
    const auto consider = [&](time_point at) { first = first ? std::min(*first, at) : at; };
    // What may not be started yet waits for an attempt's end, however long it has been ready.
    if (has_room()) {
        if (const auto ready = current().next_ready()) consider(*ready);
    }
    for (const flight& one : flying_) {
        if (how_.stalled_after.count() > 0 && one.at.began && !one.ending) consider(one.at.heard + how_.stalled_after);
        if (!has_room_for_backup() || !may_have_backup(one)) continue;
        const unit_table& of = table(one.attempt.stage);
        if (const auto expected = of.pace().expected(of.at(one.attempt.index).cost)) {
            consider(now + std::clamp<std::chrono::nanoseconds>(*expected / 8, look_min, look_max));
        }
    }
    return first;
}

}  // namespace sheaf::detail
