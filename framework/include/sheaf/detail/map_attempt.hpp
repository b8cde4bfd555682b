// One try at mapping some pieces of input into one segment file. Not for users.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/emitter.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf::detail {

/// Stands for a combiner where there is none.
struct no_combine {};

/// Whether the reduce attempts of a run need their input sorted by key: those that gather values do, those that combine do not.
enum class extent_order : std::uint8_t { unsorted, sorted };

/// Checks that this worker sees the run's directory, and creates the segment file.
[[nodiscard]] segment_writer open_segment(const map_assignment& what, value_framing framing);

/// Maps `what`: calls map(text_split, emitter<K, V>&) once for each of its pieces, in order. With `combine`, V(V, V) and
/// associative, values of equal keys are combined before they are written. Throws unit_refused for what no other attempt
/// would do better; anything else, also what `map` throws, may go better next time. Leaves no file behind when it throws.
template <class K, class V, class Map, class Combine = no_combine>
[[nodiscard]] map_output run_map_attempt(const map_assignment& what, Map&& map, const Combine& combine,
                                         extent_order order, const attempt_hooks& hooks = {}) {
    segment_writer writer = open_segment(what, framing_of<V>());
    const sink_plan plan{.partitions = what.partitions,
                         .sorted = order == extent_order::sorted,
                         .memory_budget = what.memory_budget,
                         .stop = hooks.stop};
    map_output output;
    const auto run_into = [&](auto& sink) {
        emitter<K, V> out(sink);
        input_tally read = for_each_split<text_split>(what, hooks, [&](const text_split& text) { map(text, out); });
        output.input_bytes = read.bytes;
        output.notes = std::move(read.notes);
        output.counters = out.finish();
        output.spills = sink.finish();
    };
    if constexpr (std::same_as<Combine, no_combine>) {
        buffering_sink<V> sink(writer, plan);
        run_into(sink);
    } else {
        combining_sink<V, Combine> sink([&writer]() -> segment_writer& { return writer; }, plan, combine);
        run_into(sink);
    }
    output.file = writer.commit_file();
    output.records_out = writer.records();
    output.segment_bytes = writer.bytes();
    return output;
}

}  // namespace sheaf::detail
