// What the driver tells attempts.
#include <algorithm>

#include "map_reduce/driver.hpp"
#include "map_reduce/sampling.hpp"
#include <sheaf/detail/attempt.hpp>

namespace sheaf::detail {

raw_call run_driver::call_for(const unit_attempt& attempt, flight& of) {
    const std::string first = first_worker_of(attempt);
    // Workers that are threads of this process are all the same.
    const bool elsewhere = !first.empty() && first != worker_name();
    const std::string not_by = elsewhere ? places_.not_by(first, plan_.handed_back(attempt)) : std::string();
    if (attempt.stage == run_stage::sample) return calls_.sample(sample_assignment_for(attempt));
    if (attempt.stage == run_stage::map) {
        map_assignment what = map_assignment_for(attempt);
        what.not_by = not_by;
        return calls_.map(what);
    }
    reduce_assignment what =
        attempt.stage == run_stage::merge ? merge_assignment_for(attempt) : reduce_assignment_for(attempt);
    what.not_by = not_by;
    of.files = what.files;
    return calls_.reduce(what);
}

// Of a unit that waits for its second attempt, in a run that is verified.
std::string run_driver::first_worker_of(const unit_attempt& attempt) const {
    const auto worker_in = [&](const auto& halves) {
        const auto half = halves.find(attempt.index);
        return half != halves.end() ? half->second.facts.worker : std::string();
    };
    switch (attempt.stage) {
        case run_stage::sample: break;
        case run_stage::map: return worker_in(map_halves_);
        case run_stage::merge: return worker_in(merge_halves_);
        case run_stage::reduce: return worker_in(reduce_halves_);
    }
    return {};
}

// What assignments of all stages have.
template <class Assignment>
Assignment run_driver::assignment_for(const unit_attempt& attempt) const {
    Assignment what;
    what.run_directory = state_.work.path().string();
    what.run_nonce = state_.work.nonce();
    what.attempt = attempt.number;
    what.side = setup_.side;
    what.access = access();
    return what;
}

sample_assignment run_driver::sample_assignment_for(const unit_attempt& attempt) const {
    auto what = assignment_for<sample_assignment>(attempt);
    what.index = attempt.index;
    what.keys_max = sample_keys_max(state_.account.header().partitions, samples_.size());
    what.bytes_max = sample_bytes_max;
    what.pieces = setup_.sampled[attempt.index];
    what.formats = setup_.input.formats;
    what.careful = attempt.mode != attempt_mode::normal;
    return what;
}

map_assignment run_driver::map_assignment_for(const unit_attempt& attempt) const {
    auto what = assignment_for<map_assignment>(attempt);
    what.index = attempt.index;
    what.partitions = state_.account.header().partitions;
    what.memory_budget = setup_.memory;
    what.compress = setup_.compress;
    what.pieces = state_.account.splits()[attempt.index];
    what.boundaries = state_.account.boundaries();
    what.careful = attempt.mode != attempt_mode::normal;
    what.bad_records_max = bad_records_left();
    what.formats = setup_.input.formats;
    what.output_directory = state_.output.staging().string();
    what.format = state_.output.format();
    if (attempt.mode == attempt_mode::skip) {
        const auto why = last_troubles_.find({attempt.stage, attempt.index});
        what.skip_reason = why != last_troubles_.end() ? why->second : "it kills its workers";
    }
    return what;
}

reduce_assignment run_driver::reduce_assignment_for(const unit_attempt& attempt) const {
    const run_account& account = state_.account;
    auto what = assignment_for<reduce_assignment>(attempt);
    what.partition = account.first_partition(attempt.index);
    what.partition_count = account.partitions_of(attempt.index);
    what.partitions = account.header().partitions;
    what.memory_budget = setup_.memory;
    what.compress = setup_.compress;
    what.output_directory = state_.output.staging().string();
    what.careful = attempt.mode != attempt_mode::normal;
    what.bad_records_max = bad_records_left();
    what.format = state_.output.format();
    if (const auto why = last_troubles_.find({attempt.stage, attempt.index}); why != last_troubles_.end()) {
        what.died_of = why->second.empty() ? "it kills its workers" : why->second;
    }
    what.files = account.header().groups != 0 ? merged_files() : mapped_files(account.order());
    return what;
}

reduce_assignment run_driver::merge_assignment_for(const unit_attempt& attempt) const {
    const run_account& account = state_.account;
    auto what = assignment_for<reduce_assignment>(attempt);
    what.partitions = account.header().partitions;
    what.memory_budget = setup_.memory;
    what.compress = setup_.compress;
    what.merge = true;
    what.files = mapped_files(account.order_of_group(attempt.index));
    return what;
}

std::vector<std::string> run_driver::mapped_files(std::span<const std::uint32_t> units) const {
    std::vector<std::string> files;
    files.reserve(units.size());
    for (const std::uint32_t index : units) files.push_back(state_.account.mapped(index)->file);
    return files;
}

std::vector<std::string> run_driver::merged_files() const {
    std::vector<std::string> files;
    for (std::uint32_t group = 0; group < state_.account.header().groups; ++group)
        files.push_back(state_.account.merged(group)->file);
    return files;
}

std::uint64_t run_driver::bad_records_left() const {
    return how_.bad_records - std::min(how_.bad_records, state_.account.bad_records());
}

}  // namespace sheaf::detail
