// A job's steps as the handlers of its two tasks. Not for users.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/context.hpp>
#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/reduce_attempt.hpp>
#include <sheaf/detail/text_output.hpp>
#include <sheaf/text_split.hpp>

namespace sheaf {

/// In place of a step that a job does not have.
struct no_step {};

namespace detail {

template <class Step>
inline constexpr bool is_given = !std::same_as<Step, no_step>;

template <class T>
concept printable_part = std::integral<T> || std::floating_point<T> || std::convertible_to<const T&, std::string_view>;

template <printable_part T>
void append_printed(std::string& out, const T& part) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
        out += std::string_view(part);
    } else if constexpr (std::same_as<T, bool>) {
        out += part ? '1' : '0';
    } else {
        char text[64];
        out.append(text, std::to_chars(text, text + sizeof text, part).ptr);
    }
}

/// The default format: key, tab, value, newline.
struct tab_separated {
    template <class Key, class V>
    void operator()(std::string& out, const Key& key, const V& value) const {
        static_assert(printable_part<std::remove_cvref_t<Key>> && printable_part<V>,
                      "sheaf::map_reduce: keys or values that are neither text nor numbers need a format step: "
                      ".format_with([](std::string& out, const key& k, const value& v) { out += ...; })");
        append_printed(out, key);
        out += '\t';
        append_printed(out, value);
        out += '\n';
    }
};

inline attempt_hooks hooks_of(context& of) {
    return {.stop = of.stop_token(),
            .progress = [&of](std::uint64_t done, std::uint64_t total) { of.progress(done, total); }};
}

/// Runs `attempt`, which gives a map_output or the like, and fills in its facts. Tells the driver first that it has begun.
template <class Attempt>
auto with_facts(context& in, Attempt attempt) {
    in.progress(0, 1);
    const attempt_clock clock;
    auto output = attempt();
    output.facts = clock.facts();
    return output;
}

/// Each attempt works on copies of the steps, so they may have state: it lasts for one attempt.
template <class K, class V, class Steps>
map_output run_map_step(Steps steps, context& in, const map_assignment& what) {
    const attempt_hooks hooks = hooks_of(in);
    const auto feed = [&](emitter<K, V>& out) {
        return for_each_split<text_split>(what, hooks, [&](const text_split& text) { steps.map(text, out); }).bytes;
    };
    if constexpr (is_given<decltype(steps.combine)>) {
        using gather = combine_by<decltype(steps.combine)>;
        return map_records<K, V>(what, shuffle<gather>{gather{steps.combine}}, feed, hooks);
    } else {
        return map_records<K, V>(what, shuffle<>{}, feed, hooks);
    }
}

/// Calls reduce(each), which calls each(...) for every key; `write(std::string& out, ...)` appends what the output says of one.
template <class Write, class Reduce>
reduce_output write_output(const reduce_assignment& what, Write&& write, Reduce&& reduce) {
    text_output out(what.output_directory, reduce_output_name(what));
    const reduce_totals totals = reduce([&](const auto& key, auto& value) {
        write(out.text(), key, value);
        out.written();
    });
    reduce_output output;
    output.records_in = totals.records;
    output.records_out = totals.keys;
    output.spills = totals.spills;
    output.file = out.commit();
    output.output_bytes = out.bytes();
    return output;
}

template <class K, class V, class Steps>
reduce_output run_reduce_step(Steps steps, context& in, const reduce_assignment& what) {
    const attempt_hooks hooks = hooks_of(in);
    if constexpr (is_given<decltype(steps.reduce)>) {
        const auto write = [&](std::string& out, const auto& key, auto& values) { steps.reduce(key, values, out); };
        return write_output(what, write,
                            [&](auto each) { return reduce_grouped<K, V>(what, no_order{}, each, hooks); });
    } else {
        const auto fold = [&](auto each) {
            return reduce_folded<K, V>(what, combine_by<decltype(steps.combine)>{steps.combine}, each, hooks);
        };
        if constexpr (is_given<decltype(steps.format)>) {
            return write_output(what, steps.format, fold);
        } else {
            return write_output(what, tab_separated{}, fold);
        }
    }
}

/// Stops the compiler, with a sentence, at steps that do not fit the job.
template <class K, class V, class Steps>
constexpr void check_steps() {
    using map_step = decltype(Steps::map);
    using combine_step = decltype(Steps::combine);
    using reduce_step = decltype(Steps::reduce);
    using key_argument = decltype(key_codec<K>::read(std::declval<std::string_view>()));
    static_assert(
        std::is_invocable_v<map_step&, text_split&, emitter<K, V>&> ||
            std::is_invocable_v<map_step&, const text_split&, emitter<K, V>&>,
        "sheaf::map_reduce: map is void(const sheaf::text_split& in, sheaf::emitter<key, value>& out), with the "
        "job's own key and value types.");
    static_assert(is_given<combine_step> || is_given<reduce_step>,
                  "sheaf::map_reduce: a job needs combine_with(value(value, value)) or reduce_with(...), or both.");
    static_assert(!is_given<combine_step> || std::is_invocable_r_v<V, const combine_step&, V, V>,
                  "sheaf::map_reduce: combine is value(value, value), with the job's own value type, and associative.");
    static_assert(
        !is_given<reduce_step> || std::is_invocable_v<reduce_step&, key_argument, value_range<V>&, std::string&>,
        "sheaf::map_reduce: reduce is void(key, auto& values, std::string& out): it walks the range of "
        "values once, and appends to out what the output file says of the key.");
    static_assert(!is_given<reduce_step> || !is_given<decltype(Steps::format)>,
                  "sheaf::map_reduce: reduce writes its lines itself, so there is nothing left for format to do.");
}

}  // namespace detail
}  // namespace sheaf
