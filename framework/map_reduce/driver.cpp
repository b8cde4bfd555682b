// The driver's loop: starts what the plan says, waits, and tells the plan what happened.
#include "map_reduce/driver.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

plan_options plan_for(const run_setup& setup) {
    return {.splits = static_cast<std::uint32_t>(setup.input.splits.size()),
            .partitions = setup.partitions,
            .window = 2 * setup.slots};
}

std::uint64_t bytes_of(const input_split& pieces) {
    std::uint64_t bytes = 0;
    for (const input_piece& piece : pieces) bytes += piece.length;
    return bytes;
}

}  // namespace

failure failure_of(error why) {
    failure told;
    told.code = why.code;
    told.message = std::move(why.message);
    return told;
}

void throw_failed(error why) { throw run_failed(failure_of(std::move(why))); }

run_driver::run_driver(const unit_calls& calls, call_engine& engine, const map_reduce_options& how, run_setup setup,
                       run_directory work, output_directory output)
    : calls_(calls),
      engine_(engine),
      stop_(how.stop),
      setup_(std::move(setup)),
      work_(std::move(work)),
      output_(std::move(output)),
      plan_(plan_for(setup_)),
      line_(std::string(calls.job), how.progress),
      mapped_(setup_.input.splits.size()),
      reduced_(setup_.partitions) {}

run_driver::~run_driver() {
    for (const auto& [tag, one] : flights_) engine_.cancel(one.call);
}

map_reduce_report run_driver::run() {
    while (plan_.now() == run_plan::state::running) {
        start_attempts();
        for (unit_event& event : events_->wait(wake_up(), stop_)) take(std::move(event));
        if (stop_.stop_requested()) {
            throw cancelled(failure_of({errc::cancelled, std::string(calls_.job) + " was interrupted"}));
        }
        note_stage_change();
        const auto now = clock::now();
        line_.draw(progress(now), now);
    }
    if (plan_.now() == run_plan::state::failed) throw_why();
    return finish();
}

void run_driver::start_attempts() {
    while (const auto attempt = plan_.start_next(clock::now())) submit(*attempt);
}

void run_driver::submit(const unit_attempt& attempt) {
    const std::uint64_t tag = ++last_tag_;
    flight& one = flights_[tag];
    one.attempt = attempt;
    // Each attempt has a key of its own, so that the server never takes a second one for the first. A retry is a new attempt,
    // which the plan counts, and so the call itself is tried once, the default.
    const call_options how{.deadline = forever,
                           .unique = setup_.id + (attempt.stage == run_stage::map ? ".m" : ".r") +
                                     std::to_string(attempt.index) + "." + std::to_string(attempt.number)};
    one.call = engine_.submit(call_for(attempt, one), how, events_, tag);
}

raw_call run_driver::call_for(const unit_attempt& attempt, flight& of) const {
    if (attempt.stage == run_stage::map) {
        return calls_.map({.run_directory = work_.path().string(),
                           .run_nonce = work_.nonce(),
                           .index = attempt.index,
                           .attempt = attempt.number,
                           .partitions = setup_.partitions,
                           .memory_budget = setup_.memory,
                           .pieces = setup_.input.splits[attempt.index],
                           .formats = setup_.input.formats});
    }
    for (const map_output& one : mapped_) of.files.push_back(one.file);
    return calls_.reduce({.run_directory = work_.path().string(),
                          .run_nonce = work_.nonce(),
                          .partition = attempt.index,
                          .partitions = setup_.partitions,
                          .attempt = attempt.number,
                          .memory_budget = setup_.memory,
                          .files = of.files,
                          .output_directory = output_.staging().string()});
}

void run_driver::take(unit_event event) {
    const auto found = flights_.find(event.tag);
    SHEAF_ASSERT(found != flights_.end(), "an attempt ends once, and is silent afterwards");
    setup_.waits_for_workers = false;
    if (!event.ended) {
        found->second.share_done = event.share_done;
        return;
    }
    const flight one = std::move(found->second);
    flights_.erase(found);
    if (one.attempt.stage == run_stage::map) {
        end_map(one, std::move(*event.ended));
    } else {
        end_reduce(one, std::move(*event.ended));
    }
}

void run_driver::end_map(const flight& one, raw_result outcome) {
    auto made = calls_.read_map(std::move(outcome));
    if (!made) return end_badly(one, made.error());
    // The first attempt that finishes counts; a later one's file goes with the run's directory.
    if (!plan_.finish(one.attempt, clock::now())) return;
    mapped_[one.attempt.index] = std::move(*made);
    bytes_mapped_ += bytes_of(setup_.input.splits[one.attempt.index]);
}

void run_driver::end_reduce(const flight& one, raw_result outcome) {
    auto made = calls_.read_reduce(std::move(outcome));
    if (!made) {
        const auto lost = calls_.read_lost(made.error());
        return lost ? report_lost(one, *lost, made.error()) : end_badly(one, made.error());
    }
    if (!plan_.finish(one.attempt, clock::now())) return;
    accept(one.attempt, *made);
}

void run_driver::accept(const unit_attempt& attempt, const reduce_output& made) {
    if (auto done = output_.accept(attempt.index, made.file); !done) throw_failed(done.error());
    reduced_[attempt.index] = made;
}

void run_driver::end_badly(const flight& one, const failure& why) {
    // A refusal is a sentence of its own; whatever else failed needs to be placed.
    plan_.fail(one.attempt, why.typed_index < 0 ? placed(one.attempt, why) : why, clock::now());
}

void run_driver::report_lost(const flight& one, const segment_lost& lost, const failure& why) {
    const auto found = std::ranges::find(one.files, lost.file);
    if (found == one.files.end()) return end_badly(one, why);
    const auto index = static_cast<std::uint32_t>(found - one.files.begin());
    const bool current = mapped_[index].file == lost.file;
    plan_.lose_segment(one.attempt, index, current, placed({.index = index}, why));
    if (!current) return;
    mapped_[index] = {};
    bytes_mapped_ -= bytes_of(setup_.input.splits[index]);
}

// The failure with the unit and the worker in its text.
failure run_driver::placed(const unit_attempt& attempt, failure why) const {
    why.message = where(attempt) + ": " + why.message;
    if (!why.worker.empty()) why.message += ", says worker " + why.worker;
    return why;
}

void run_driver::note_stage_change() {
    if (!maps_done_ && plan_.current_stage() == run_stage::reduce) maps_done_ = clock::now();
}

std::optional<run_driver::clock::time_point> run_driver::wake_up() const {
    const auto planned = plan_.next_deadline();
    if (!line_.is_drawn()) return planned;
    return planned ? std::min(*planned, line_.next_draw()) : line_.next_draw();
}

run_progress run_driver::progress(clock::time_point now) const {
    run_progress at;
    at.stage = plan_.current_stage();
    at.units_done = plan_.done_in(at.stage);
    at.retries = plan_.counts().retries;
    at.waits_for_workers = setup_.waits_for_workers;
    at.elapsed =
        duration_cast<milliseconds>(now - (at.stage == run_stage::map ? setup_.began : maps_done_.value_or(now)));
    if (at.stage == run_stage::reduce) {
        at.units = setup_.partitions;
        return at;
    }
    at.units = static_cast<std::uint32_t>(setup_.input.splits.size());
    at.bytes = setup_.input.bytes;
    at.bytes_done = bytes_mapped_;
    for (const auto& [tag, one] : flights_) {
        if (one.attempt.stage != run_stage::map) continue;
        at.bytes_done += static_cast<std::uint64_t>(
            one.share_done * static_cast<double>(bytes_of(setup_.input.splits[one.attempt.index])));
    }
    at.bytes_done = std::min(at.bytes_done, at.bytes);  // a backup's share comes on top
    return at;
}

// The unit for a person: which part of the input or output it is.
std::string run_driver::where(const unit_attempt& attempt) const {
    std::string text = to_string(attempt.stage, attempt.index);
    if (attempt.stage == run_stage::reduce) return text;
    const input_split& pieces = setup_.input.splits[attempt.index];
    return text + " (" + describe_split(pieces, setup_.input.formats) + ")";
}

void run_driver::throw_why() const { throw run_failed(plan_.why()); }

map_reduce_report run_driver::finish() {
    auto files = output_.publish();
    if (!files) throw_failed(files.error());
    map_reduce_report report;
    report.files = std::move(*files);
    report.output = output_.path().string();
    report.input_files = setup_.input.list.files.size();
    report.input_skipped = setup_.input.list.skipped;
    report.input_bytes = setup_.input.bytes;
    report.splits = setup_.input.splits.size();
    add_units(report);
    const run_plan::tally& counts = plan_.counts();
    report.attempts = counts.attempts;
    report.retries = counts.retries;
    report.backups = counts.backups;
    report.workers_lost = counts.workers_lost;
    report.segments_lost = counts.segments_lost;
    const auto now = clock::now();
    report.map_time = duration_cast<milliseconds>(maps_done_.value_or(now) - setup_.began);
    report.reduce_time = duration_cast<milliseconds>(now - maps_done_.value_or(now));
    report.wall_time = duration_cast<milliseconds>(now - setup_.began);
    return report;
}

void run_driver::add_units(map_reduce_report& report) const {
    std::map<std::string, std::uint64_t> totals;
    for (const map_output& one : mapped_) {
        for (const std::string& note : one.notes) report.notes.push_back(note);
        report.records += one.records_out;
        report.shuffled_bytes += one.segment_bytes;
        report.spills += one.spills;
        for (const auto& [name, count] : one.counters) totals[name] += count;
    }
    for (const reduce_output& one : reduced_) {
        report.keys += one.records_out;
        report.output_bytes += one.output_bytes;
        report.spills += one.spills;
        for (const auto& [name, count] : one.counters) totals[name] += count;
    }
    report.counters.assign(totals.begin(), totals.end());
}

}  // namespace sheaf::detail
