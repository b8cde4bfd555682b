#include "map_reduce/attempt_log.hpp"

#include <algorithm>
#include <ranges>

namespace sheaf::detail {

using std::chrono::duration_cast;
using std::chrono::microseconds;

attempt_record& attempt_log::begin_record(const unit_attempt& attempt, const attempt_times& when,
                                          attempt_record::end end) {
    attempt_record one;
    one.stage = attempt.stage;
    one.index = attempt.index;
    one.number = attempt.number;
    one.began = duration_cast<microseconds>(when.began - run_began_);
    one.ended = duration_cast<microseconds>(when.ended - run_began_);
    one.outcome = end;
    if (attempt.stage == run_stage::reduce) {
        one.partition = attempt.index * partitions_per_unit_;
        one.partitions = std::min(partitions_per_unit_, partitions_ - std::min(partitions_, one.partition));
    }
    return records_.emplace_back(std::move(one));
}

void attempt_log::set_facts(attempt_record& of, const attempt_facts& facts) const {
    of.worker = facts.worker;
    if (facts.nanoseconds == 0) return;
    const auto took = duration_cast<microseconds>(std::chrono::nanoseconds(facts.nanoseconds));
    of.began = std::max(microseconds(0), of.ended - took);
}

const attempt_record& attempt_log::add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                                       const map_output& made) {
    attempt_record& one = begin_record(attempt, when, end);
    set_facts(one, made.facts);
    one.bytes = made.input_bytes;
    one.records = made.records_out;
    one.spills = made.spills;
    return one;
}

const attempt_record& attempt_log::add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                                       const reduce_output& made) {
    attempt_record& one = begin_record(attempt, when, end);
    set_facts(one, made.facts);
    one.bytes = made.output_bytes;
    one.records = made.records_in;
    one.spills = made.spills;
    return one;
}

const attempt_record& attempt_log::add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                                       const sample_output& made) {
    attempt_record& one = begin_record(attempt, when, end);
    set_facts(one, made.facts);
    one.records = made.keys.size();
    return one;
}

const attempt_record& attempt_log::add(const unit_attempt& attempt, const attempt_times& when, attempt_record::end end,
                                       const std::string& worker, const std::string& why) {
    attempt_record& one = begin_record(attempt, when, end);
    one.worker = worker;
    one.why = why;
    return one;
}

void attempt_log::lose(run_stage stage, std::uint32_t index) {
    for (attempt_record& one : records_ | std::views::reverse) {
        if (one.stage != stage || one.index != index || one.outcome != attempt_record::end::won) continue;
        one.outcome = attempt_record::end::lost_again;
        return;
    }
}

}  // namespace sheaf::detail
