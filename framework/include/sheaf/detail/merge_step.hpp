// The first of a job's two reduce tiers: what some splits gave, folded into one segment file for the second. Not for users.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

/// Sends all keys to the partition that they come from.
class same_partition {
  public:
    static constexpr bool by_hash = true;

    same_partition(std::uint32_t partition, std::uint32_t partitions) noexcept
        : partition_(partition), partitions_(partitions) {}

    [[nodiscard]] std::uint32_t partitions() const noexcept { return partitions_; }
    [[nodiscard]] std::uint32_t of(std::string_view) const noexcept { return partition_; }
    [[nodiscard]] std::uint32_t of_hash(std::uint64_t) const noexcept { return partition_; }

  private:
    std::uint32_t partition_;
    std::uint32_t partitions_;
};

/// Into so many steps a partition's part of the progress is divided.
inline constexpr std::uint64_t partition_progress = 1000;

/// The name of the segment file that a merge writes.
[[nodiscard]] std::string merge_output_name(const reduce_assignment& what);

/// Folds what what.files have, partition by partition, into one segment file. Keys keep their partitions, values the order of the
/// input. Throws as a reduce attempt does.
template <class K, class V, class Steps>
reduce_output run_merge_step(const Steps& steps, const reduce_assignment& what, const attempt_hooks& hooks) {
    const auto how = shuffle_of(steps);
    using folds = fold_of<V, decltype(how.gather)>;
    using state = typename folds::at_reducer::state;
    segment_writer writer(what.run_directory, merge_output_name(what), what.partitions, framing_of<state>());
    reduce_output made;
    reduce_assignment one = what;
    progress_gauge whole(hooks, what.partitions * partition_progress);
    attempt_hooks of_partition = hooks;
    of_partition.progress = [&](std::uint64_t done, std::uint64_t total) {
        whole.reach(one.partition * partition_progress + done * partition_progress / std::max<std::uint64_t>(1, total));
    };
    for (; one.partition < what.partitions; ++one.partition) {
        const std::vector<extent_source> sources = reduce_sources(one, framing_of<state>(), hooks);
        folding_sink<typename folds::at_reducer, same_partition> sink(
            [&writer]() -> segment_writer& { return writer; }, same_partition(one.partition, one.partitions), false,
            one.memory_budget, hooks.stop, folds::for_reducer(how.gather));
        emitter<std::string, state> keys(sink);  // of keys that are bytes already
        with_lost_segments(what, [&] {
            for_each_extent(sources, of_partition, [&](extent_cursor& cursor) {
                for (; cursor.next(); ++made.records_in) {
                    keys.emit(cursor.record().key, read_value<state>(cursor.record(), cursor.path()));
                }
            });
        });
        (void)keys.finish();
        made.spills += sink.finish();
    }
    map_output written;
    close_segment(writer, written);
    made.file = written.file;
    made.records_out = written.records_out;
    made.output_bytes = written.segment_bytes;
    made.checksum = written.checksum;
    return made;
}

}  // namespace sheaf::detail
