// The driver's loop: starts what the plan says, waits, and tells the plan what happened.
#include "map_reduce/driver.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "map_reduce/divide_pieces.hpp"
#include "map_reduce/sampling.hpp"
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds progress_period{100};

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

// What opening a split's files and starting its attempt cost, beside its bytes.
constexpr std::uint64_t cost_of_a_unit = 64U << 10;

// Into how many groups splits are merged before they are reduced; none when there is one tier. As many as each then has splits, so that
// no attempt has much to do.
std::size_t groups_of(const job_shape& job, const run_account& account) {
    constexpr std::size_t splits_worth_it = 4;
    const std::size_t splits = account.splits().size();
    if (!job.two_tiers || splits < splits_worth_it) return 0;
    std::size_t groups = 1;
    while (groups * groups < splits) ++groups;
    return groups;
}

std::vector<stage_plan> stages_of(const run_account& account, std::size_t samples, std::size_t groups) {
    std::vector<std::uint64_t> map_costs;
    for (const auto& pieces : account.splits()) map_costs.push_back(bytes_of(pieces) + cost_of_a_unit);
    std::vector<std::uint64_t> reduce_costs;
    for (std::uint32_t unit = 0; unit < account.reduce_units(); ++unit)
        reduce_costs.push_back(account.partitions_of(unit));
    std::vector<stage_plan> stages;
    if (samples != 0) stages.push_back({run_stage::sample, std::vector<std::uint64_t>(samples, 1)});
    stages.push_back({run_stage::map, std::move(map_costs)});
    if (groups != 0) stages.push_back({run_stage::merge, std::vector<std::uint64_t>(groups, 1)});
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

void throw_failed(error why) { throw run_failed(failure_of(std::move(why))); }

run_driver::run_driver(const unit_calls& calls, call_engine& engine, const map_reduce_options& how, run_setup setup,
                       run_state state, const run_company& company)
    : calls_(calls),
      engine_(engine),
      how_(how),
      setup_(std::move(setup)),
      state_(std::move(state)),
      company_(company),
      plan_(plan_for(setup_, how_),
            stages_of(state_.account, setup_.sampled.size(), groups_of(setup_.job, state_.account))),
      space_(state_.account.header().partitions, free_if_there),
      log_(setup_.began),
      line_(std::string(calls.job), how.progress),
      exchange_(make_run_id(), state_.work.path().string()),
      key_(make_run_id()),
      samples_(setup_.sampled.size()),
      merged_(groups_of(setup_.job, state_.account)) {
    restore();
}

run_driver::~run_driver() {
    for (const auto& [tag, one] : flights_) engine_.cancel(one.call);
}

// Tells the plan what an earlier driver has done.
void run_driver::restore() {
    const run_account& account = state_.account;
    for (std::uint32_t index = 0; index < account.splits().size(); ++index) {
        if (account.mapped(index) != nullptr) plan_.restore_done(run_stage::map, index);
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
        why.message += " What has been done is kept for 24 hours: the same run goes on from there when it is resumed.";
        throw run_failed(std::move(why));
    }
}

map_reduce_report run_driver::run_to_its_end() {
    while (plan_.now() == run_plan::state::running) {
        start_attempts();
        end_attempts();
        for (unit_event& event : events_->wait(wake_up(), company_.stop)) take(std::move(event));
        if (company_.stop.stop_requested()) {
            throw cancelled(failure_of({errc::cancelled, std::string(calls_.job) + " was interrupted"}));
        }
        note_stage_change();
        show_progress();
    }
    if (plan_.now() == run_plan::state::failed) throw run_failed(plan_.why());
    return finish();
}

// ---- Starting and ending attempts.

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

// ---- What happens to attempts.

void run_driver::take(unit_event event) {
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

void run_driver::end_sample(const flight& one, raw_result outcome) {
    auto made = calls_.read_sample(std::move(outcome));
    if (!made) return end_badly(one, made.error());
    if (made->wants_driver) return submit_with_address(one.attempt);
    const auto now = clock::now();
    // Samples are not verified: they decide nothing but how evenly the work is spread.
    const bool counts = plan_.finish(one.attempt, 0, now) == finish_verdict::counts;
    company_.board.tell(map_reduce_events::attempt_ended{log_.add(
        one.attempt, {one.began, now}, counts ? attempt_record::end::won : attempt_record::end::second, *made)});
    if (counts) samples_[one.attempt.index] = std::move(made->keys);
}

void run_driver::end_map(const flight& one, raw_result outcome) {
    auto made = calls_.read_map(outcome);
    if (!made) return end_badly(one, made.error());
    if (made->wants_driver) return submit_with_address(one.attempt);
    if (!setup_.job.map_only) {
        place_segment(*made);
    } else if (bring(one, *made, outcome)) {
        return;
    }
    settle(one, std::move(*made), map_halves_);
}

void run_driver::end_merge(const flight& one, raw_result outcome) {
    auto made = calls_.read_reduce(std::move(outcome));
    if (!made) return end_unreduced(one, made.error());
    if (made->wants_driver) return submit_with_address(one.attempt);
    if (!made->location.empty()) {
        exchange_.note(made->location);
        made->file = made->location + "/" + made->file;
    }
    settle(one, std::move(*made), merge_halves_);
}

void run_driver::end_reduce(const flight& one, raw_result outcome) {
    auto made = calls_.read_reduce(outcome);
    if (made && made->wants_driver) return submit_with_address(one.attempt);
    if (made) {
        if (bring(one, *made, outcome)) return;
        return settle(one, std::move(*made), reduce_halves_);
    }
    end_unreduced(one, made.error());
}

void run_driver::end_unreduced(const flight& one, const failure& why) {
    const auto lost = calls_.read_lost(why);
    lost ? report_lost(one, *lost, why) : end_badly(one, why);
}

// An attempt has an output: it counts, or it does not, and then its files go at once.
template <class Output>
void run_driver::settle(const flight& one, Output made, std::map<std::uint32_t, Output>& halves) {
    const auto now = clock::now();
    const finish_verdict verdict = plan_.finish(one.attempt, made.checksum, now);
    using end = attempt_record::end;
    end outcome = end::won;
    if (verdict == finish_verdict::late) outcome = end::second;
    if (verdict == finish_verdict::counts && how_.verify) outcome = end::verified;
    company_.board.tell(map_reduce_events::attempt_ended{log_.add(one.attempt, {one.began, now}, outcome, made)});
    switch (verdict) {
        case finish_verdict::late: return discard(one.attempt, made);
        case finish_verdict::half: halves.insert_or_assign(one.attempt.index, std::move(made)); return;
        case finish_verdict::differs: return differ(one.attempt, made.facts.worker);
        case finish_verdict::counts: break;
    }
    if (auto first = halves.extract(one.attempt.index)) {
        discard(one.attempt, made);
        made = std::move(first.mapped());
    }
    accept(one.attempt, std::move(made));
}

void run_driver::differ(const unit_attempt& attempt, const std::string& worker) {
    plan_.give_up(failure_of(
        {errc::job_failed,
         where(attempt) + " gave different results in two attempts (the second by worker " + worker +
             "): the job's functions are not deterministic. Look for what they take from elsewhere: time, chance, "
             "addresses, the order of unordered containers, or the bounds of the pieces that they are called with."}));
}

void run_driver::accept(const unit_attempt& attempt, map_output made) {
    skip_records(made.bad);
    note(unit_mapped{attempt.index, std::move(made)});
}

void run_driver::accept(const unit_attempt& attempt, reduce_output made) {
    if (attempt.stage == run_stage::merge) {
        merged_[attempt.index] = std::move(made.file);
        return;
    }
    const std::uint32_t unit = attempt.index;
    const std::uint32_t first = state_.account.first_partition(unit);
    const auto parts = parts_of(made);
    if (parts.size() != state_.account.partitions_of(unit)) {
        return plan_.give_up(failure_of({errc::malformed, "worker " + made.facts.worker +
                                                              " reduced other partitions than it was told to: is it "
                                                              "of another version of the program?"}));
    }
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
        const auto& [file, range] = parts[i];
        auto done = range ? state_.output.accept(first + i, *range) : state_.output.accept(first + i, file);
        if (!done) throw_failed(done.error());
    }
    skip_records(made.bad);
    note(unit_reduced{unit, std::move(made)});
    free_space_of(unit);
}

// What is on other hosts, or lost, is left to its end.
void run_driver::free_space_of(std::uint32_t unit) {
    const run_account& account = state_.account;
    std::vector<std::string> names = merged_;
    for (const std::uint32_t index : account.order()) {
        const map_output* const made = merged_.empty() ? account.mapped(index) : nullptr;
        if (made != nullptr) names.push_back(made->file);
    }
    std::erase_if(names, [](const std::string& name) { return name.empty() || name.find('/') != std::string::npos; });
    for (std::string& name : names) name = (state_.work.path() / name).string();
    space_.done(account.first_partition(unit), account.partitions_of(unit), names);
}

void run_driver::note(const run_note& what) {
    state_.add(what);
    if (state_.account.bad_records() <= how_.bad_records) return;
    plan_.give_up(failure_of({errc::job_failed, std::to_string(state_.account.bad_records()) +
                                                    " records are bad, and the run may leave out " +
                                                    std::to_string(how_.bad_records) + " (bad_records)"}));
}

void run_driver::skip_records(const std::vector<bad_record>& bad) {
    for (const bad_record& one : bad) {
        company_.board.tell(map_reduce_events::record_skipped{one.place, one.offset, one.reason});
    }
}

void run_driver::discard(const unit_attempt& /*of*/, const map_output& made) const {
    setup_.job.map_only ? state_.output.discard(made.file) : state_.work.remove(made.file);
}

void run_driver::discard(const unit_attempt& of, const reduce_output& made) const {
    if (of.stage == run_stage::merge) return state_.work.remove(made.file);
    state_.output.discard(made.file);
    for (const std::string& file : made.more_files) state_.output.discard(file);
}

void run_driver::end_badly(const flight& one, const failure& why) {
    const auto now = clock::now();
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
    }
    if (trouble_of(told) == trouble::host) last_refusal_ = told.message;
    if (told.typed_index < 0) told = placed(one.attempt, std::move(told));
    if (plan_.fail(one.attempt, told, now)) divide(one.attempt);
}

// Something in the unit kills workers: its parts are tried each by itself.
void run_driver::divide(const unit_attempt& attempt) {
    constexpr std::size_t ways = 8;
    unit_divided divided{attempt.index,
                         divide_pieces(state_.account.splits()[attempt.index], setup_.input.formats, ways)};
    if (divided.parts.size() <= 1) return plan_.cannot_divide(attempt.stage, attempt.index);
    std::vector<std::uint64_t> costs;
    for (const auto& part : divided.parts) costs.push_back(bytes_of(part) + cost_of_a_unit);
    (void)plan_.divide(attempt.stage, attempt.index, costs);
    company_.board.tell(
        map_reduce_events::unit_divided{attempt.index, static_cast<std::uint32_t>(divided.parts.size())});
    note(divided);
}

void run_driver::report_lost(const flight& one, const segment_lost& lost, const failure& why) {
    const auto now = clock::now();
    // A late attempt may have missed what has been freed.
    const bool is_late = one.attempt.stage == run_stage::reduce && state_.account.reduced(one.attempt.index) != nullptr;
    if (is_late || std::ranges::find(one.files, lost.file) == one.files.end()) return end_badly(one, why);
    company_.board.tell(map_reduce_events::attempt_ended{
        log_.add(one.attempt, {one.began, now}, attempt_record::end::failed, why.worker, lost.message)});
    const auto maker = maker_of(lost.file);
    plan_.lose_segment(one.attempt, maker.value_or(unit_attempt{}), maker.has_value(),
                       maker ? placed(*maker, why) : why);
    if (!maker) return;
    log_.lose(maker->stage, maker->index);
    company_.board.tell(map_reduce_events::segment_lost{maker->index, lost.message});
    if (maker->stage == run_stage::merge) {
        state_.work.remove(std::exchange(merged_[maker->index], {}));
    } else {
        discard(*maker, *state_.account.mapped(maker->index));
        note(segment_gone{maker->index});
    }
}

// The unit whose output the segment file is. None when it has been replaced.
std::optional<unit_attempt> run_driver::maker_of(const std::string& segment) const {
    for (const std::uint32_t index : state_.account.order()) {
        const map_output* const made = state_.account.mapped(index);
        if (made != nullptr && made->file == segment) return unit_attempt{.stage = run_stage::map, .index = index};
    }
    const auto group = std::ranges::find(merged_, segment);
    if (group == merged_.end()) return std::nullopt;
    return unit_attempt{.stage = run_stage::merge, .index = static_cast<std::uint32_t>(group - merged_.begin())};
}

// ---- Between the stages.

void run_driver::note_stage_change() {
    const run_stage now = plan_.current_stage();
    if (now == stage_) return;
    if (stage_ < now && plan_.units_in(stage_) != 0) {
        company_.board.tell(map_reduce_events::stage_done{stage_, plan_.units_in(stage_)});
    }
    if (stage_ == run_stage::sample && !samples_.empty() && state_.account.boundaries().empty()) choose_boundaries();
    if (now > run_stage::map && !maps_done_) maps_done_ = clock::now();
    stage_ = now;
}

void run_driver::choose_boundaries() {
    range_choice choice = choose_ranges(std::exchange(samples_, {}), state_.account.header().partitions);
    if (!choice.note.empty()) notes_.push_back(std::move(choice.note));
    note(boundaries_chosen{std::move(choice.boundaries)});
}

// ---- Looking at it.

std::optional<run_driver::clock::time_point> run_driver::wake_up() const {
    auto first = plan_.next_deadline(clock::now());
    if (line_.is_drawn()) first = first ? std::min(*first, line_.next_draw()) : line_.next_draw();
    return first;
}

void run_driver::show_progress() {
    const auto now = clock::now();
    const bool due = now >= next_progress_;
    if (!due && !line_.is_drawn()) return;
    const map_reduce_progress at = progress(now);
    line_.draw(at, now);
    if (!due) return;
    next_progress_ = now + progress_period;
    company_.board.show(at);
    company_.board.tell(map_reduce_events::progress{at});
}

map_reduce_progress run_driver::progress(clock::time_point now) const {
    map_reduce_progress at;
    at.stage = plan_.current_stage();
    at.units_done = plan_.done_in(at.stage);
    at.units = plan_.units_in(at.stage);
    at.retries = plan_.counts().retries;
    at.waits_for_workers = setup_.waits_for_workers;
    at.elapsed =
        duration_cast<milliseconds>(now - (at.stage > run_stage::map ? maps_done_.value_or(now) : setup_.began));
    if (at.stage != run_stage::map) return at;
    at.bytes = setup_.input.bytes;
    at.bytes_done = state_.account.bytes_mapped();
    for (const auto& [tag, one] : flights_) {
        if (one.attempt.stage != run_stage::map || state_.account.mapped(one.attempt.index) != nullptr) continue;
        const auto whole = static_cast<double>(bytes_of(state_.account.splits()[one.attempt.index]));
        at.bytes_done += static_cast<std::uint64_t>(one.share_done * whole);
    }
    at.bytes_done = std::min(at.bytes_done, at.bytes);  // a backup's share comes on top
    return at;
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
               std::to_string(first_of_group(attempt.index + 1) - first_of_group(attempt.index)) + " splits)";
    }
    const auto& pieces =
        attempt.stage == run_stage::map ? state_.account.splits()[attempt.index] : setup_.sampled[attempt.index];
    return to_string(attempt.stage, attempt.index) + " (" + describe_split(pieces, setup_.input.formats) + ")";
}

}  // namespace sheaf::detail
