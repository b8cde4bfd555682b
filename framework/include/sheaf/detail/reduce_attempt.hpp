// One try at reducing one partition: its keys, one after the other, with what came of their values. What is made of them is for others:
// see framework/output. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/left_values.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/partitioner.hpp>
#include <sheaf/detail/record_merge.hpp>
#include <sheaf/detail/shuffle.hpp>
#include <sheaf/detail/sort_partition.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/detail/value_range.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

/// What reducing a partition came to.
struct reduce_totals {
    std::uint64_t records = 0;  ///< that came in
    std::uint64_t keys = 0;
    std::uint64_t spills = 0;  ///< times that something had to be written to disk
};

/// Checks that this worker sees the run's directory, and finds the partition's extents. Throws segment_lost.
[[nodiscard]] std::vector<extent_source> reduce_sources(const reduce_assignment& what, value_framing framing,
                                                        const attempt_hooks& hooks);

/// The name that the attempt's output file gets: its own, whoever else reduces the same partition.
[[nodiscard]] std::string reduce_output_name(const reduce_assignment& what);

/// Where in the common file the attempt's output will be, if every record becomes what the assignment's format says; nothing when that is
/// not known. Throws segment_lost.
[[nodiscard]] std::optional<file_range> expected_range(const reduce_assignment& what, const attempt_hooks& hooks);

/// Runs `step`; a bad_segment for one of the assignment's files becomes a segment_lost that names it.
void with_lost_segments(const reduce_assignment& what, const std::function<void()>& step);

/// Calls each(cursor) for every source, in order, and tells how far it is.
void for_each_extent(const std::vector<extent_source>& sources, const attempt_hooks& hooks,
                     const std::function<void(extent_cursor&)>& each);

/// Bytes of all `sources`.
[[nodiscard]] std::uint64_t total_bytes(const std::vector<extent_source>& sources) noexcept;

/// A walk through a sorted partition: tells how far it is, and ends when it is to be stopped.
class partition_walk {
  public:
    partition_walk(sorted_records& records, progress_gauge& gauge, std::uint64_t bytes, const attempt_hooks& hooks)
        : records_(records), gauge_(gauge), bytes_(bytes), hooks_(hooks) {}

    [[nodiscard]] sorted_records& records() const noexcept { return records_; }
    /// Another key begins.
    void next_key() {
        if (keys_++ % 1024 == 0) report();
    }
    [[nodiscard]] std::uint64_t keys() const noexcept { return keys_; }
    /// What a range of values is to call between them: a key may have most of the partition.
    [[nodiscard]] std::function<void()> between(const std::function<void()>& more) {
        return [this, &more] {
            report();
            if (more) more();
        };
    }

  private:
    void report();

    sorted_records& records_;
    progress_gauge& gauge_;
    std::uint64_t bytes_;
    const attempt_hooks& hooks_;
    std::uint64_t keys_ = 0;
};

/// Sorts the partition, and calls walk(...) to go through it. Sees to lost segments and progress, and to spills and keys of the totals.
[[nodiscard]] reduce_totals walk_partition(const reduce_assignment& what, value_framing framing,
                                           const attempt_hooks& hooks,
                                           const std::function<void(partition_walk&, reduce_totals&)>& walk);

/// Calls each(key, state) for all entries of `table` in the order of their keys.
template <class K, class Fold, class Each>
void for_each_entry(combine_table<Fold>& table, Each& each, const attempt_hooks& hooks) {
    partitioned_order order(table, hash_partitioner(1));
    sort_by_key(table, order.of(0));
    std::uint64_t keys = 0;
    char room[16];
    for (const std::uint32_t i : order.of(0)) {
        if (keys++ % 1024 == 0) check_stop(hooks.stop);
        each(key_codec<K>::read(table.key_at(i, room)), std::as_const(table.state_at(i)));
    }
}

/// Merges sorted runs, folding the states of each key, and calls each(key, state). Returns the number of keys.
template <class K, class Fold, class Each>
std::uint64_t for_each_merged(record_merge& merge, const Fold& fold, Each& each, const attempt_hooks& hooks) {
    std::uint64_t keys = 0;
    std::string key;
    for (bool more = merge.next(); more; ++keys) {
        if (keys % 1024 == 0) check_stop(hooks.stop);
        key = merge.record().key;
        auto all = fold.first(read_value<typename Fold::state>(merge.record(), merge.path()));
        while ((more = merge.next()) && merge.record().key == key) {
            fold.add(all, read_value<typename Fold::state>(merge.record(), merge.path()));
        }
        each(key_codec<K>::read(key), std::as_const(all));
    }
    return keys;
}

/// Reduces what was folded at the mappers, of values of type V: calls each(key, const state&) once for each key, in the order of the
/// keys' bytes. Throws unit_refused for what no other attempt would do better, segment_lost when a map attempt has to be made again;
/// anything else, also what `each` throws, may go better next time.
template <class K, class V, class Gather, class Each>
[[nodiscard]] reduce_totals reduce_folded(const reduce_assignment& what, const Gather& gather, Each&& each,
                                          const attempt_hooks& hooks = {}) {
    using folds = fold_of<V, Gather>;
    using fold_type = typename folds::at_reducer;
    using state = typename fold_type::state;
    const std::vector<extent_source> sources = reduce_sources(what, framing_of<state>(), hooks);
    const fold_type fold = folds::for_reducer(gather);
    reduce_totals totals;
    std::optional<segment_writer> spilled;
    const auto spill_file = [&]() -> segment_writer& {
        if (!spilled)
            spilled.emplace(what.run_directory, "spill-" + unique_suffix(), 1, framing_of<state>(), what.compress);
        return *spilled;
    };
    folding_sink<fold_type, hash_partitioner> sink(spill_file, hash_partitioner(1), true, what.memory_budget,
                                                   hooks.stop, fold);
    with_lost_segments(what, [&] {
        emitter<std::string, state> keys(sink);  // of keys that are bytes already
        for_each_extent(sources, hooks, [&](extent_cursor& cursor) {
            for (; cursor.next(); ++totals.records) {
                keys.emit(cursor.record().key, read_value<state>(cursor.record(), cursor.path()));
            }
        });
        (void)keys.finish();
    });
    totals.spills = sink.spills();
    if (totals.spills == 0) {
        totals.keys = sink.table().size();
        for_each_entry<K>(sink.table(), each, hooks);
    } else {
        (void)sink.finish();
        const narrowed_sources runs(extents_of_partition({spilled->seal()}, 0, 1, framing_of<state>()),
                                    merge_ways(what.memory_budget), what.run_directory, framing_of<state>(), hooks.stop,
                                    what.compress);
        record_merge merge(runs.get());
        totals.spills += runs.passes();
        totals.keys = for_each_merged<K>(merge, fold, each, hooks);
    }
    return totals;
}

/// Reduces by gathering: calls each(key, value_range<V>&) once for each key, in the order of the keys' bytes. Values come in the order
/// that the shuffle gave them, or in the order of the splits, and within one in the order in which they were emitted. `V` is what the map
/// attempts wrote (shuffled_t). `between` is called between values of a key now and then. Throws as reduce_folded() does.
template <class K, class V, class Order, class Each>
[[nodiscard]] reduce_totals reduce_grouped(const reduce_assignment& what, const Order&, Each&& each,
                                           const attempt_hooks& hooks = {}, const std::function<void()>& between = {}) {
    constexpr bool whole_keys = std::is_same_v<Order, no_order>;
    return walk_partition(what, framing_of<V>(), hooks, [&](partition_walk& walk, reduce_totals& totals) {
        sorted_records& records = walk.records();
        value_range<V> values(records, walk.between(between));
        std::string scratch;
        for (bool more = records.next(); more; more = values.skip_rest()) {
            walk.next_key();
            const std::string_view key = records.record().key;
            if constexpr (whole_keys) {
                values.begin_group(key, true);
                each(key_codec<K>::read(values.key()), values);
            } else {
                values.begin_group(key.substr(0, key_codec<K>::delimited_size(key)), false);
                each(key_codec<K>::read(key_codec<K>::undelimited(values.key(), scratch)), values);
            }
        }
        totals.records = values.records();
    });
}

/// Joins two inputs: calls each(key, left_values<L>&, value_range<R>&) once for each key that either has, in the order of the keys'
/// bytes. `between` and what it throws as reduce_grouped() has them.
template <class K, class L, class R, class Each>
[[nodiscard]] reduce_totals reduce_joined(const reduce_assignment& what, Each&& each, const attempt_hooks& hooks = {},
                                          const std::function<void()>& between = {}) {
    return walk_partition(what, value_framing::sized, hooks, [&](partition_walk& walk, reduce_totals& totals) {
        sorted_records& records = walk.records();
        kept_values kept(what.memory_budget / 4, what.run_directory, what.compress);
        value_range<R, value_framing::sized> right(records, walk.between(between));
        std::string key;
        std::string scratch;
        for (bool more = records.next(); more; more = right.skip_rest()) {
            walk.next_key();
            key = records.record().key;
            key.resize(key_codec<K>::delimited_size(key));
            const auto is_of_key = [&] { return more && records.record().key.starts_with(key); };
            kept.clear();
            for (; is_of_key() && records.record().key.back() == '\0'; more = records.next()) kept.add(records);
            kept.seal();
            if (is_of_key()) {
                right.begin_group(key, false);
            } else {
                right.begin_empty(more);
            }
            left_values<L> left(kept);
            each(key_codec<K>::read(key_codec<K>::undelimited(key, scratch)), left, right);
            totals.records += kept.size();
        }
        totals.records += right.records();
        totals.spills += kept.spills();
    });
}

}  // namespace sheaf::detail
