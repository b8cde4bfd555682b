// What becomes of an attempt that has an output.
#include <utility>

#include "map_reduce/driver.hpp"
#include <sheaf/detail/byte_reader.hpp>

namespace sheaf::detail {

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

// Segments stay where they are, and are known by their address.
template <class Output>
void run_driver::place_segment(Output& made) {
    if (made.location.empty()) return;
    exchange_.note(made.location);
    made.file = made.location + "/" + made.file;
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
    place_segment(*made);
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
    places_.note_worker(made.facts.worker);
    switch (verdict) {
        case finish_verdict::late: return discard(one.attempt, made);
        case finish_verdict::half: halves.insert_or_assign(one.attempt.index, std::move(made)); return;
        case finish_verdict::differs: return differ(one.attempt, made.facts.worker);
        case finish_verdict::counts: break;
    }
    if (auto first = halves.extract(one.attempt.index)) {
        places_.note_verified(first.mapped().facts.worker, made.facts.worker);
        discard(one.attempt, made);
        made = std::move(first.mapped());
    }
    accept(one.attempt, std::move(made));
}

void run_driver::accept(const unit_attempt& attempt, map_output made) {
    skip_records(made.bad);
    note(unit_mapped{attempt.index, std::move(made)});
}

void run_driver::accept(const unit_attempt& attempt, reduce_output made) {
    if (attempt.stage == run_stage::merge) {
        note(unit_merged{attempt.index, std::move(made)});
        return free_group(attempt.index);
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

// What has been merged is read by nobody any more.
void run_driver::free_group(std::uint32_t group) {
    for (const std::uint32_t index : state_.account.order_of_group(group)) {
        const map_output* const made = state_.account.mapped(index);
        if (made != nullptr) remove_segment(made->file);
    }
}

// What a group was merged from, after what it was merged to has been lost.
void run_driver::map_again(std::uint32_t group) {
    for (const std::uint32_t index : state_.account.order_of_group(group)) {
        if (state_.account.mapped(index) == nullptr) continue;  // somebody has noticed
        log_.lose(run_stage::map, index);
        plan_.make_again(run_stage::map, index);
        note(segment_gone{index});
    }
}

// What is on other hosts, or lost, is left to its end.
void run_driver::free_space_of(std::uint32_t unit) {
    const run_account& account = state_.account;
    std::vector<std::string> names;
    for (std::uint32_t group = 0; group < account.header().groups; ++group) {
        if (const reduce_output* const made = account.merged(group)) names.push_back(made->file);
    }
    for (const std::uint32_t index : account.order()) {
        const map_output* const made = account.header().groups == 0 ? account.mapped(index) : nullptr;
        if (made != nullptr) names.push_back(made->file);
    }
    std::erase_if(names, [](const std::string& name) { return name.find('/') != std::string::npos; });
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

// Here, or on the host that has it.
void run_driver::remove_segment(const std::string& file) {
    is_remote(file) ? exchange_.remove(file) : state_.work.remove(file);
}

void run_driver::discard(const unit_attempt& /*of*/, const map_output& made) {
    setup_.job.map_only ? state_.output.discard(made.file) : remove_segment(made.file);
}

void run_driver::discard(const unit_attempt& of, const reduce_output& made) {
    if (of.stage == run_stage::merge) return remove_segment(made.file);
    state_.output.discard(made.file);
    for (const std::string& file : made.more_files) state_.output.discard(file);
}

}  // namespace sheaf::detail
