// What becomes of an attempt that has no output, and what a person is told of it.
#include <algorithm>
#include <span>
#include <utility>

#include "map_reduce/dead_files.hpp"
#include "map_reduce/divide_pieces.hpp"
#include "map_reduce/driver.hpp"
#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

// Of a segment on another host: the run's address there. Empty: it is in the run's directory.
std::string location_of(const std::string& segment) {
    const auto slash = segment.rfind('/');
    return slash == std::string::npos ? std::string() : segment.substr(0, slash);
}

}  // namespace

void run_driver::end_unreduced(const flight& one, const failure& why) {
    const auto lost = calls_.read_lost(why);
    lost ? report_lost(one, *lost, why) : end_badly(one, why);
}

void run_driver::differ(const unit_attempt& attempt, const std::string& worker) {
    plan_.give_up(failure_of(
        {errc::job_failed,
         where(attempt) + " gave different results in two attempts (the second by worker " + worker +
             "): the job's functions are not deterministic. Look for what they take from elsewhere: time, chance, "
             "addresses, the order of unordered containers, or the bounds of the pieces that they are called with."}));
}

void run_driver::end_badly(const flight& one, const failure& why) {
    const auto now = clock::now();
    if (why.typed_index == handed_back_index) return plan_.hand_back(one.attempt, now);
    if (trouble_of(why) == trouble::disconnected) servers_.note_trouble(now);
    // A refusal is a sentence of its own; whatever else failed needs to be placed.
    failure told = why;
    if (one.stalled) {
        told.code = errc::timeout;
        told.message = "no progress in " + std::to_string(how_.stalled_after.count()) + " ms (stalled_after)";
    }
    const bool given_up = why.code == errc::cancelled && !one.stalled;
    company_.board.tell(map_reduce_events::attempt_ended{
        log_.add(one.attempt, {one.began, now}, given_up ? attempt_record::end::given_up : attempt_record::end::failed,
                 why.worker, told.message)});
    if (trouble_of(told) == trouble::death) {
        last_troubles_[{one.attempt.stage, one.attempt.index}] = told.message;
        remove_files_of(one.attempt);
    }
    if (trouble_of(told) == trouble::host) last_refusal_ = told.message;
    if (told.typed_index < 0) told = placed(one.attempt, std::move(told));
    if (plan_.fail(one.attempt, told, now)) divide(one.attempt);
}

// Its worker has died. On other hosts they are left to the run's end.
void run_driver::remove_files_of(const unit_attempt& attempt) const {
    std::vector<std::string> names;
    if (attempt.stage == run_stage::map) names.push_back(attempt_file_prefix("map", attempt.index, attempt.number));
    if (attempt.stage == run_stage::reduce) {
        const std::uint32_t first = state_.account.first_partition(attempt.index);
        for (std::uint32_t i = 0; i < state_.account.partitions_of(attempt.index); ++i)
            names.push_back(attempt_file_prefix("reduce", first + i, attempt.number));
    }
    remove_dead_files(state_.work.path(), names);
    remove_dead_files(state_.output.staging(), names);
}

// Something in the unit kills workers: its parts are tried each by itself.
void run_driver::divide(const unit_attempt& attempt) {
    constexpr std::size_t ways = 8;
    unit_divided divided{attempt.index,
                         divide_pieces(state_.account.splits()[attempt.index], setup_.input.formats, ways)};
    if (divided.parts.size() <= 1) return plan_.cannot_divide(attempt.stage, attempt.index);
    std::vector<std::uint64_t> costs;
    for (const auto& part : divided.parts) costs.push_back(map_cost_of(part));
    (void)plan_.divide(attempt.stage, attempt.index, costs);
    company_.board.tell(
        map_reduce_events::unit_divided{attempt.index, static_cast<std::uint32_t>(divided.parts.size())});
    note(divided);
}

// When the segment's host is said to be out of reach, it may be gone, and all that it had; or one worker's network is at fault, and the
// segment is made again alone. It is gone if nobody is found there from here either.
void run_driver::report_lost(const flight& one, const segment_lost& lost, const failure& why) {
    const std::string location = location_of(lost.file);
    if (!lost.unreached || location.empty() || !maker_of(lost.file)) return lose(one, lost, why, false);
    const std::uint64_t tag = ++last_tag_;
    flights_[tag] = one;
    exchange_.look_for_host(location, [this, events = events_, tag, lost, why](bool found) {
        events->post([this, tag, lost, why, found] { lose(flights_.extract(tag).mapped(), lost, why, !found); });
    });
}

void run_driver::lose(const flight& one, const segment_lost& lost, const failure& why, bool with_host) {
    const auto now = clock::now();
    // A late attempt may have missed what has been freed.
    const bool is_late = one.attempt.stage == run_stage::reduce ? state_.account.reduced(one.attempt.index) != nullptr
                                                                : state_.account.merged(one.attempt.index) != nullptr;
    if (is_late || std::ranges::find(one.files, lost.file) == one.files.end()) return end_badly(one, why);
    company_.board.tell(map_reduce_events::attempt_ended{
        log_.add(one.attempt, {one.began, now}, attempt_record::end::failed, why.worker, lost.message)});
    const auto maker = maker_of(lost.file);
    plan_.lose_segment(one.attempt, maker.value_or(unit_attempt{}), maker.has_value(),
                       maker ? placed(*maker, why) : why);
    if (!maker) return;
    if (!with_host) remove_segment(lost.file);
    forget_segment(*maker, lost.message);
    if (with_host) lose_all_at(location_of(lost.file), lost.message);
}

// The unit is to be made again.
void run_driver::forget_segment(const unit_attempt& maker, const std::string& why) {
    log_.lose(maker.stage, maker.index);
    company_.board.tell(map_reduce_events::segment_lost{maker.index, why});
    if (maker.stage == run_stage::map) return note(segment_gone{maker.index});
    note(merge_gone{maker.index});
    map_again(maker.index);
}

// What a host had that is gone, but not the splits of groups that are merged and elsewhere.
void run_driver::lose_all_at(const std::string& location, const std::string& why) {
    const auto lose_if_there = [&](run_stage stage, std::uint32_t index, const std::string& file) {
        if (location_of(file) != location) return;
        plan_.make_again(stage, index);
        forget_segment({.stage = stage, .index = index}, why);
    };
    const run_account& account = state_.account;
    const auto lose_splits = [&](std::span<const std::uint32_t> splits) {
        for (const std::uint32_t index : splits) {
            if (const map_output* const made = account.mapped(index)) lose_if_there(run_stage::map, index, made->file);
        }
    };
    if (account.header().groups == 0) lose_splits(account.order());
    for (std::uint32_t group = 0; group < account.header().groups; ++group) {
        if (const reduce_output* const made = account.merged(group)) lose_if_there(run_stage::merge, group, made->file);
        if (account.merged(group) == nullptr) lose_splits(account.order_of_group(group));
    }
}

// The unit whose output the segment file is. None when it has been replaced.
std::optional<unit_attempt> run_driver::maker_of(const std::string& segment) const {
    for (const std::uint32_t index : state_.account.order()) {
        const map_output* const made = state_.account.mapped(index);
        if (made != nullptr && made->file == segment) return unit_attempt{.stage = run_stage::map, .index = index};
    }
    for (std::uint32_t group = 0; group < state_.account.header().groups; ++group) {
        const reduce_output* const made = state_.account.merged(group);
        if (made != nullptr && made->file == segment) return unit_attempt{.stage = run_stage::merge, .index = group};
    }
    return std::nullopt;
}

// The failure with the unit and the worker in its text.
failure run_driver::placed(const unit_attempt& attempt, failure why) const {
    why.message = where(attempt) + ": " + why.message;
    if (!why.worker.empty()) why.message += ", says worker " + why.worker;
    return why;
}

// The unit for a person: which part of the input or output it is.
std::string run_driver::where(const unit_attempt& attempt) const {
    if (attempt.stage == run_stage::reduce) {
        const std::uint32_t first = state_.account.first_partition(attempt.index);
        const std::uint32_t count = state_.account.partitions_of(attempt.index);
        std::string text = to_string(attempt.stage, first);
        return count == 1 ? text : "partitions " + std::to_string(first) + " to " + std::to_string(first + count - 1);
    }
    if (attempt.stage == run_stage::merge) {
        return to_string(attempt.stage, attempt.index) + " (of " +
               std::to_string(state_.account.order_of_group(attempt.index).size()) + " splits)";
    }
    const auto& pieces =
        attempt.stage == run_stage::map ? state_.account.splits()[attempt.index] : setup_.sampled[attempt.index];
    return to_string(attempt.stage, attempt.index) + " (" + describe_split(pieces, setup_.input.formats) + ")";
}

}  // namespace sheaf::detail
