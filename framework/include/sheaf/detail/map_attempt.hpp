// One try at mapping some pieces of input into one segment file. Not for users.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <sheaf/detail/attempt.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/map_sinks.hpp>
#include <sheaf/detail/partitioner.hpp>
#include <sheaf/detail/printed.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/shuffle.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

/// Checks that this worker sees the run's directory, and creates the segment file.
[[nodiscard]] segment_writer open_segment(const map_assignment& what, value_framing framing);

/// Gives the segment file its name, and says what is in it.
void close_segment(segment_writer& writer, map_output& output);

/// "0x" and two digits for each byte.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

/// Adds `more` to `sums`, counter by counter.
void add_counters(counters& sums, counters more);

/// Says in `output` which keys were frequent.
template <class K>
void tell_frequent_keys(const key_survey& survey, map_output& output) {
    output.keys_looked_at = survey.looked_at();
    for (const auto& [bytes, times] : survey.frequent()) {
        std::string text = key_text(key_codec<K>::read(bytes));
        output.frequent_keys.emplace_back(text.empty() ? hexadecimal(bytes) : std::move(text), times);
    }
}

template <class K>
[[nodiscard]] arrival_order make_order(const no_order&) {
    return {};
}
template <class K, class Project>
[[nodiscard]] projected_order<K, Project> make_order(const order_by<Project>& how) {
    return projected_order<K, Project>(how.project);
}

/// Writes what `feed(emitter<K, V>&)` emits into one segment file; feed reads the input (for_each_split.hpp) and returns how many bytes
/// that were. Throws unit_refused for
/// what no other attempt would do better; anything else, also what `feed` throws, may go better next time. Leaves no file behind when
/// it throws.
template <class K, class V, class Gather, class Partition, class Order, class Feed>
[[nodiscard]] map_output map_records(const map_assignment& what, const shuffle<Gather, Partition, Order>& how,
                                     Feed&& feed, const attempt_hooks& hooks = {}) {
    segment_writer writer = open_segment(what, framing_of<shuffled_t<V, Gather>>());
    auto choose = make_partitioner<K>(how.partition, what);
    map_output output;
    const auto run_into = [&](auto& sink) {
        emitter<K, V> out(sink);
        output.input_bytes = feed(out);
        output.counters = out.finish();
    };
    if constexpr (std::same_as<Gather, keep_all>) {
        record_distributor distributor(writer, what.partitions, what.memory_budget);
        auto order = make_order<K>(how.order);
        distributing_sink<V, decltype(choose), decltype(order), framing_of<V>()> sink(distributor, choose, order,
                                                                                      hooks.stop);
        run_into(sink);
        tell_frequent_keys<K>(sink.survey(), output);
        distributor.finish();
    } else {
        static_assert(std::same_as<Order, no_order>, "values that are folded have no order");
        using folds = fold_of<V, Gather>;
        folding_sink<typename folds::at_mapper, decltype(choose)> sink(
            [&writer]() -> segment_writer& { return writer; }, choose, false, what.memory_budget, hooks.stop,
            folds::for_mapper(how.gather));
        run_into(sink);
        tell_frequent_keys<K>(sink.survey(), output);
        output.spills = sink.finish();
    }
    close_segment(writer, output);
    return output;
}

/// The emitters of a job with several inputs, one for each, with values of a type of its own.
template <class K, class Partitioner, class... V>
class input_emitters {
  public:
    input_emitters(record_distributor& to, const Partitioner& choose, const std::stop_token& stop)
        : input_emitters(to, choose, stop, std::index_sequence_for<V...>{}) {}

    /// That of input number I.
    template <std::size_t I>
    [[nodiscard]] auto& of() noexcept {
        return std::get<I>(lanes_).out;
    }
    /// For the attempt: passes on what still waits, and returns the counters of all.
    [[nodiscard]] counters finish() {
        counters all;
        std::apply([&all](auto&... each) { (add_counters(all, each.out.finish()), ...); }, lanes_);
        return all;
    }
    /// Of the keys of all.
    [[nodiscard]] key_survey survey() const {
        key_survey all;
        std::apply([&all](const auto&... each) { (all.add(each.sink.survey()), ...); }, lanes_);
        return all;
    }

  private:
    template <class Value>
    struct lane {
        using sink_type = distributing_sink<Value, Partitioner, input_order<K>, value_framing::sized>;

        lane(record_distributor& to, const Partitioner& choose, std::uint8_t input, const std::stop_token& stop)
            : sink(to, choose, input_order<K>(input), stop), out(sink) {}
        lane(const lane&) = delete;
        lane& operator=(const lane&) = delete;
        ~lane() = default;

        sink_type sink;
        emitter<K, Value> out;
    };

    // Makes a lane where a tuple wants to construct one: lanes cannot be moved.
    template <class Value>
    struct lane_maker {
        record_distributor& to;
        const Partitioner& choose;
        const std::stop_token& stop;
        std::uint8_t input;
        operator lane<Value>() const { return lane<Value>(to, choose, input, stop); }
    };

    template <std::size_t... I>
    input_emitters(record_distributor& to, const Partitioner& choose, const std::stop_token& stop,
                   std::index_sequence<I...>)
        : lanes_(lane_maker<V>{to, choose, stop, static_cast<std::uint8_t>(I)}...) {}

    std::tuple<lane<V>...> lanes_;
};

/// As map_records(), for a join: `feed(emitters)` emits to emitters.of<I>() what comes from input I, with values of the I-th type.
template <class K, class... V, class Partition, class Feed>
[[nodiscard]] map_output map_inputs(const map_assignment& what, const Partition& partition, Feed&& feed,
                                    const attempt_hooks& hooks = {}) {
    segment_writer writer = open_segment(what, value_framing::sized);
    auto choose = make_partitioner<K>(partition, what);
    record_distributor distributor(writer, what.partitions, what.memory_budget);
    input_emitters<K, decltype(choose), V...> out(distributor, choose, hooks.stop);
    map_output output;
    output.input_bytes = feed(out);
    output.counters = out.finish();
    tell_frequent_keys<K>(out.survey(), output);
    distributor.finish();
    close_segment(writer, output);
    return output;
}

}  // namespace sheaf::detail
