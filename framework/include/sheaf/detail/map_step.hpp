// A job's mappers as the handler of its map task. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <sheaf/detail/careful_map.hpp>
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/map_attempt.hpp>
#include <sheaf/detail/mappers.hpp>
#include <sheaf/detail/output_file.hpp>
#include <sheaf/detail/pair_sink.hpp>
#include <sheaf/detail/side_cache.hpp>
#include <sheaf/detail/step_list.hpp>

namespace sheaf {

template <class L, class R>
struct join_of;

namespace detail {

/// The values that the mapper of input I emits.
template <class V, std::size_t I>
struct input_value {
    using type = V;
};
template <class L, class R>
struct input_value<join_of<L, R>, 0> {
    using type = L;
};
template <class L, class R>
struct input_value<join_of<L, R>, 1> {
    using type = R;
};

template <class V>
inline constexpr bool is_joined = false;
template <class L, class R>
inline constexpr bool is_joined<join_of<L, R>> = true;

/// What becomes of the values of a key before they leave their mapper.
template <class Steps>
auto gather_of(const Steps& steps) {
    if constexpr (has_step<combiner, Steps>) {
        return combine_by<step_t<combiner, Steps>>{step_function<combiner>(steps)};
    } else if constexpr (has_step<accumulator, Steps>) {
        return []<class A>(types_of<A>) { return accumulate_in<A>{}; }(step_function<accumulator>(steps));
    } else {
        return keep_all{};
    }
}

/// In which order the values of a key come to their reducer.
template <class Steps>
auto order_of(const Steps& steps) {
    if constexpr (has_step<value_order, Steps>) {
        return order_by<step_t<value_order, Steps>>{step_function<value_order>(steps)};
    } else {
        return no_order{};
    }
}

/// How what the mappers emit gets to the reducers.
template <class Steps>
auto shuffle_of(const Steps& steps) {
    auto partition = step_or<partitioning, by_hash_t>(steps);
    using made = shuffle<decltype(gather_of(steps)), decltype(partition), decltype(order_of(steps))>;
    return made{gather_of(steps), std::move(partition), order_of(steps)};
}

/// Whether the partitions are ranges of keys, for which some are sampled first.
template <class Steps>
constexpr bool partitions_by_range() {
    if constexpr (has_step<partitioning, Steps>) {
        return std::is_same_v<step_t<partitioning, Steps>, by_range_t>;
    } else {
        return false;
    }
}
template <class Steps>
inline constexpr bool is_by_range = partitions_by_range<Steps>();

/// Throws unit_refused: the run has more inputs than the job has mappers.
void check_input_number(std::uint32_t number, std::size_t inputs);
/// Throws unit_refused unless text can be written so.
void check_text_format(const output_format& how);
/// The name of the file that a map-only attempt writes: its own, whoever else maps the same split.
[[nodiscard]] std::string map_output_name(const map_assignment& what);

/// One attempt at mapping, with what all of its parts need.
template <class Steps, class Side>
class map_step {
  public:
    /// Of a sample, records that are left out are not listed: they are met again when their split is mapped.
    map_step(Steps steps, const Side& side, const map_assignment& what, const attempt_hooks& hooks,
             bool is_sample = false)
        : steps_(std::move(steps)), side_(side), what_(what), hooks_(hooks), is_sample_(is_sample) {}

    /// Emits to `out_of(input)`, an emitter for what the mapper of that input gives. Returns the bytes read.
    template <class OutOf>
    std::uint64_t read_inputs(OutOf&& out_of) {
        const std::uint32_t number = what_.pieces.empty() ? 0 : what_.pieces.front().input;  // all are of one input
        check_input_number(number, inputs_of<Steps>);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)((number == I && (read_input<I>(out_of(std::integral_constant<std::size_t, I>{})), true)) || ...);
        }(std::make_index_sequence<inputs_of<Steps>>{});
        return bytes_;
    }
    template <std::size_t I, class Out>
    void read_input(Out& out) {
        auto& mapper = step_function<mapper_of<I>>(steps_);
        auto filter = step_or<filter_of<I>, no_filter>(steps_);
        using split = typename std::remove_reference_t<decltype(mapper)>::split_type;
        const auto map = [&](const split& one, auto& to) { map_split(mapper, filter, one, to, side_); };
        const bool careful = what_.careful || !what_.skip_reason.empty();
        const auto leave_out = [this](const record_place& place) {
            if (!is_sample_) add_bad_record(what_, place, bad_);
        };
        input_tally read = careful ? map_carefully<split>(what_, hooks_, out, map, leave_out)
                                   : for_each_split<split>(what_, hooks_, [&](const split& one) { map(one, out); });
        bytes_ = read.bytes;
        notes_ = std::move(read.notes);
    }

    /// `made`, with what was met on the way.
    [[nodiscard]] map_output complete(map_output made) {
        made.bad = std::move(bad_);
        made.notes = std::move(notes_);
        return made;
    }

  private:
    Steps steps_;
    const Side& side_;
    const map_assignment& what_;
    const attempt_hooks& hooks_;
    const bool is_sample_;
    std::uint64_t bytes_ = 0;
    std::vector<bad_record> bad_;
    std::vector<std::string> notes_;
};

/// Of a map-only job: what the mapper gives goes to a file of its own.
template <class K, class V, class Steps, class Side>
map_output map_to_file(map_step<Steps, Side>& step, const Steps& steps, const map_assignment& what) {
    map_output output;
    output_file file(what.output_directory, map_output_name(what), what.format);
    if constexpr (appends_text<step_t<mapper_of<0>, Steps>, Side, K, V>()) {
        check_text_format(what.format);
        text_out out(file);
        output.input_bytes = step.read_inputs([&](auto) -> auto& { return out; });
    } else {
        auto format = step_or<formatter, default_format>(steps);
        pair_sink<K, V, decltype(format)> sink(file, std::move(format), what.format);
        emitter<K, V> out(sink);
        output.input_bytes = step.read_inputs([&](auto) -> auto& { return out; });
        output.counters = out.finish();
        output.records_out = sink.pairs();
    }
    output.file = file.commit();
    output.segment_bytes = file.bytes();
    output.checksum = file.checksum();
    return output;
}

template <class K, class V>
struct map_joined;
template <class K, class L, class R>
struct map_joined<K, join_of<L, R>> {
    template <class Partition, class Feed>
    static map_output run(const map_assignment& what, const Partition& partition, Feed&& feed,
                          const attempt_hooks& hooks) {
        return map_inputs<K, L, R>(what, partition, std::forward<Feed>(feed), hooks);
    }
};

/// Each attempt works on copies of the steps, so they may have state: it lasts for one attempt.
template <class K, class V, class Steps>
map_output run_map_step(const Steps& steps, const map_assignment& what, const attempt_hooks& hooks) {
    const auto side = side_of<Steps>(what);
    map_step step(steps, *side, what, hooks);
    if constexpr (has_step<no_reducer, Steps>) {
        return step.complete(map_to_file<K, V>(step, steps, what));
    } else if constexpr (has_step<joiner, Steps> || has_step<pair_joiner, Steps>) {
        const auto feed = [&step](auto& emitters) {
            return step.read_inputs([&](auto input) -> auto& { return emitters.template of<input>(); });
        };
        return step.complete(map_joined<K, V>::run(what, step_or<partitioning, by_hash_t>(steps), feed, hooks));
    } else {
        const auto feed = [&step](auto& out) { return step.read_inputs([&](auto) -> auto& { return out; }); };
        return step.complete(map_records<K, V>(what, shuffle_of(steps), feed, hooks));
    }
}

}  // namespace detail
}  // namespace sheaf
