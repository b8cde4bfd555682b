// One try at reducing one partition into one file of text. Not for users.
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
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/record_merge.hpp>
#include <sheaf/detail/text_output.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/detail/value_range.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

/// Checks that this worker sees the run's directory, and finds the partition's extents. Throws segment_lost.
[[nodiscard]] std::vector<extent_source> reduce_sources(const reduce_assignment& what, value_framing framing);

/// The name that the attempt's output file gets: its own, whoever else reduces the same partition.
[[nodiscard]] std::string reduce_output_name(const reduce_assignment& what);

/// Runs `step`; a bad_segment for one of the assignment's files becomes a segment_lost that names it.
void with_lost_segments(const reduce_assignment& what, const std::function<void()>& step);

/// Calls each(cursor) for every source, in order, and tells how far it is.
void for_each_extent(const std::vector<extent_source>& sources, const attempt_hooks& hooks,
                     const std::function<void(extent_cursor&)>& each);

/// Bytes of all `sources`.
[[nodiscard]] std::uint64_t total_bytes(const std::vector<extent_source>& sources) noexcept;

/// Formats all entries of `table` in the order of their keys.
template <class K, class V, class Combine, class Format>
void format_table(combine_table<V, Combine>& table, Format& format, text_output& out) {
    partitioned_order<V, Combine> order(table, 1);
    sort_by_key(table, order.of(0));
    char scratch[16];
    for (const std::uint32_t i : order.of(0)) {
        format(out.text(), key_codec<K>::read(table.key_at(i, scratch)), std::as_const(table.value_at(i)));
        out.written();
    }
}

/// Merges sorted runs, combining the values of each key, and formats them. Returns the number of keys.
template <class K, class V, class Combine, class Format>
std::uint64_t format_merged(record_merge& merge, const Combine& combine, Format& format, text_output& out,
                            const attempt_hooks& hooks) {
    std::uint64_t keys = 0;
    for (bool more = merge.next(); more; ++keys) {
        if (keys % 1024 == 0) check_stop(hooks.stop);
        value_range<V> values(merge);
        auto at = values.begin();
        V all = *at;
        for (++at; at != values.end(); ++at) all = combine(std::move(all), *at);
        format(out.text(), key_codec<K>::read(values.key()), std::as_const(all));
        out.written();
        more = values.skip_rest();
    }
    return keys;
}

/// Reduces by combining: `combine` is V(V, V), associative; needs no sorted extents. format(std::string& out, key, const V&)
/// appends what the output file says of a key. Keys come in the order of their bytes. Throws unit_refused for what no other
/// attempt would do better, segment_lost when a map attempt has to be made again; anything else may go better next time.
template <class K, class V, class Combine, class Format>
[[nodiscard]] reduce_output run_combining_reduce(const reduce_assignment& what, const Combine& combine, Format&& format,
                                                 const attempt_hooks& hooks = {}) {
    const std::vector<extent_source> sources = reduce_sources(what, framing_of<V>());
    reduce_output output;
    std::optional<segment_writer> spilled;
    const auto spill_file = [&]() -> segment_writer& {
        if (!spilled) spilled.emplace(what.run_directory, "spill-" + unique_suffix(), 1, framing_of<V>());
        return *spilled;
    };
    const sink_plan plan{.partitions = 1, .sorted = true, .memory_budget = what.memory_budget, .stop = hooks.stop};
    combining_sink<V, Combine> sink(spill_file, plan, combine);
    with_lost_segments(what, [&] {
        emitter<std::string, V> keys(sink);  // of keys that are bytes already
        for_each_extent(sources, hooks, [&](extent_cursor& cursor) {
            for (; cursor.next(); ++output.records_in) {
                keys.emit(cursor.record().key, read_value<V>(cursor.record(), cursor.path()));
            }
        });
        (void)keys.finish();
    });
    text_output out(what.output_directory, reduce_output_name(what));
    output.spills = sink.spills();
    if (output.spills == 0) {
        output.records_out = sink.table().size();
        format_table<K>(sink.table(), format, out);
    } else {
        (void)sink.finish();
        const narrowed_sources runs(extents_of_partition({spilled->seal()}, 0, 1, framing_of<V>()),
                                    merge_ways(what.memory_budget), what.run_directory, framing_of<V>(), hooks.stop);
        record_merge merge(runs.get());
        output.records_out = format_merged<K, V>(merge, combine, format, out, hooks);
    }
    output.file = out.commit();
    output.output_bytes = out.bytes();
    return output;
}

/// Reduces by gathering: calls reduce(key, value_range<V>&, std::string& out) once for each key, in the order of the keys'
/// bytes; what it appends to `out` is the output file. Values come in the order of the splits, and within one in the order
/// in which they were emitted. Needs sorted extents. Throws as run_combining_reduce does.
template <class K, class V, class Reduce>
[[nodiscard]] reduce_output run_gathering_reduce(const reduce_assignment& what, Reduce&& reduce,
                                                 const attempt_hooks& hooks = {}) {
    std::vector<extent_source> sources = reduce_sources(what, framing_of<V>());
    reduce_output output;
    text_output out(what.output_directory, reduce_output_name(what));
    with_lost_segments(what, [&] {
        const narrowed_sources narrow(std::move(sources), merge_ways(what.memory_budget), what.run_directory,
                                      framing_of<V>(), hooks.stop);
        output.spills = narrow.passes();
        progress_gauge gauge(hooks, total_bytes(narrow.get()));
        record_merge merge(narrow.get());
        for (bool more = merge.next(); more; ++output.records_out) {
            if (output.records_out % 1024 == 0) {
                check_stop(hooks.stop);
                gauge.reach(merge.bytes_read());
            }
            value_range<V> values(merge);
            reduce(key_codec<K>::read(values.key()), values, out.text());
            out.written();
            more = values.skip_rest();
            output.records_in += values.records();
        }
    });
    output.file = out.commit();
    output.output_bytes = out.bytes();
    return output;
}

}  // namespace sheaf::detail
