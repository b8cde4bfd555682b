// A map/reduce run as a step of a pipeline.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/map_reduce.hpp>
#include <sheaf/pipeline.hpp>

namespace sheaf {

/// How map/reduce runs are made as a step. Aggregate.
struct map_reduce_stage_options {
    /// Runs at the same time. Each has a thread of its own here.
    std::size_t window = 1;
    sheaf::on_failure::policy on_failure = sheaf::on_failure::fail;
    /// Empty: "map_reduce".
    std::string name{};
};

template <class Archive>
void serialize(Archive& archive, attempt_record& of) {
    archive(of.stage, of.index, of.number, of.worker, of.began, of.ended, of.outcome, of.why, of.bytes, of.records,
            of.spills, of.partition, of.partitions);
}

template <class Archive>
void serialize(Archive& archive, frequent_key& of) {
    archive(of.key, of.share, of.folded);
}

template <class Archive>
void serialize(Archive& archive, left_out_record& of) {
    archive(of.place, of.offset, of.length, of.reason);
}

/// So that reports may go from step to step: all but the dataset, which is its owner's.
template <class Archive>
void serialize(Archive& archive, map_reduce_report& of) {
    archive(of.output, of.files, of.input_files, of.input_bytes, of.input_skipped, of.splits, of.records, of.keys,
            of.shuffled_bytes, of.output_bytes, of.spills, of.attempts, of.retries, of.backups, of.workers_lost,
            of.segments_lost, of.bad_records, of.bad_records_file, of.units_resumed, of.units_verified, of.attempt_log,
            of.map_time, of.reduce_time, of.wall_time, of.counters, of.notes, of.frequent_keys, of.left_out);
}

namespace detail {

[[noreturn]] inline void rethrow_of_run(failure why) {
    if (why.code == errc::cancelled) throw_failure(std::move(why));
    throw run_failed(std::move(why));
}

template <class Job, class Describe>
struct map_reduce_step {
    using is_plan_step = void;
    using input_type = void;

    Job job;
    Describe describe;
    map_reduce_stage_options how;

    template <class In, class From>
    auto resolve() const {
        (void)sizeof(joint_with_function<From, In, Describe>);
        auto whole = [job = job, describe = describe](cluster& on, std::string_view item, const std::stop_token& stop) {
            map_reduce_options options = describe(decode_edge<In>(item));
            options.progress = false;  // it would draw over what the program itself shows
            options.stop = stop;
            return encode_edge(job.run(on, std::move(options)));
        };
        return resolved<map_reduce_report, Job, false>{make_single(
            how.name, block_node{std::move(whole), how.window, &rethrow_of_run}, handling_of(how.on_failure))};
    }
};

}  // namespace detail

/// A step that runs `job` for each item: `describe(item)` gives the options of its run, which must name another output for
/// each. Gives the run's report. Nothing is shown of its progress, and its stop_token is the pipeline's.
///
///     sheaf::map_reduce_stage(count_words, [](std::vector<std::string> paths) {
///         return sheaf::map_reduce_options{.input = sheaf::text_files(std::move(paths)), .output = "counts"};
///     })
template <class Job, class Describe>
[[nodiscard]] detail::map_reduce_step<Job, Describe> map_reduce_stage(const Job& job, Describe describe,
                                                                      map_reduce_stage_options how = {}) {
    if (how.name.empty()) how.name = "map_reduce";
    return {job, std::move(describe), std::move(how)};
}

}  // namespace sheaf
