// Map and reduce attempts of jobs over text, with text as their output, as the steps of a job make them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf::test {

/// Maps the pieces of `what` by map(const text_split&, emitter<K, V>&).
template <class K, class V, class Shuffle, class Map>
detail::map_output map_text(const detail::map_assignment& what, const Shuffle& how, Map&& map,
                            const detail::attempt_hooks& hooks = {}) {
    return detail::map_records<K, V>(
        what, how,
        [&](emitter<K, V>& out) {
            const auto take = [&](const text_split& in) { map(in, out); };
            return detail::for_each_split<text_split>(what, hooks, take).bytes;
        },
        hooks);
}

/// Gives `reduce(each)` a function to call with a key and what there is of it; `write(std::string&, ...)` appends to the output.
template <class Write, class Reduce>
detail::reduce_output write_text(const detail::reduce_assignment& what, Write&& write, Reduce&& reduce) {
    detail::output_file out(what.output_directory, detail::reduce_output_name(what));
    const detail::reduce_totals totals = reduce([&](auto&&... group) {
        write(out.text(), std::forward<decltype(group)>(group)...);
        out.written();
    });
    detail::reduce_output output;
    output.records_in = totals.records;
    output.records_out = totals.keys;
    output.spills = totals.spills;
    output.file = out.commit();
    output.output_bytes = out.bytes();
    return output;
}

/// Calls write(std::string& out, key, const state&) for each key of what was folded.
template <class K, class V, class Gather, class Write>
detail::reduce_output reduce_folded_text(const detail::reduce_assignment& what, const Gather& gather, Write&& write,
                                         const detail::attempt_hooks& hooks = {}) {
    return write_text(what, write, [&](auto each) { return detail::reduce_folded<K, V>(what, gather, each, hooks); });
}

/// Calls reduce(key, value_range<V>&, std::string& out) for each key.
template <class K, class V, class Order, class Reduce>
detail::reduce_output reduce_grouped_text(const detail::reduce_assignment& what, const Order& order, Reduce&& reduce,
                                          const detail::attempt_hooks& hooks = {}) {
    const auto write = [&](std::string& out, const auto& key, auto& values) { reduce(key, values, out); };
    return write_text(what, write, [&](auto each) { return detail::reduce_grouped<K, V>(what, order, each, hooks); });
}

}  // namespace sheaf::test
