// What stops the compiler, with a sentence, at steps that do not fit each other or their job. Not for users.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/left_values.hpp>
#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/mappers.hpp>
#include <sheaf/detail/reduce_step.hpp>
#include <sheaf/detail/step_list.hpp>
#include <sheaf/detail/value_range.hpp>
#include <sheaf/emitter.hpp>

namespace sheaf::detail {

template <class T>
std::type_identity<T> identity_of(types_of<T>);

/// The type of a job's side data, or no_side.
template <class Steps>
struct side_type {
    using type = no_side;
};
template <class Steps>
    requires has_step<side_value, Steps>
struct side_type<Steps> {
    using type = typename decltype(identity_of(step_t<side_value, Steps>{}))::type;
};

template <class T>
concept complete_type = requires { sizeof(T); };

/// Whether a mapper of `In` can hand over what it finds: by emitting, or in a map-only job by appending text. A function of any
/// `out` is only asked the first question: if it emits, it cannot be compiled with a text.
template <class F, class Side, class In, class K, class V, bool MapOnly>
constexpr bool hands_over() {
    if constexpr (is_callable<F, Side, const In&, emitter<K, V>&>) {
        return true;
    } else if constexpr (MapOnly) {
        return is_callable<F, Side, const In&, std::string&>;
    } else {
        return false;
    }
}

/// Of what map_each() may return: the pair in it.
template <class T>
decltype(auto) pair_in(T& made) {
    if constexpr (pair_like<T>) {
        return (made);
    } else if constexpr (optional_pair<T>) {
        return *made;
    } else {
        return *made.begin();
    }
}

template <class Made, class K, class V>
concept emits_as = requires(Made& made, emitter<K, V>& out) {
    out.emit(std::move(pair_in(made).first), std::move(pair_in(made).second));
};

/// Whether `F` takes the record with a std::string for its key, which is a view.
template <class F, class Side, class Record>
constexpr bool owns_the_key() {
    if constexpr (requires { typename Record::first_type; }) {
        using owning = std::pair<std::string, typename Record::second_type>;
        return std::is_same_v<typename Record::first_type, std::string_view> && is_callable<F, Side, const owning&>;
    } else {
        return false;
    }
}

/// A mapper of stretches of the input.
template <class K, class V, class Side, bool MapOnly, class Split, class F>
constexpr void check_mapper(std::type_identity<split_mapper<Split, F>>) {
    static_assert(complete_type<Split>,
                  "sheaf::map_reduce: the mapper's split is only declared here: #include <sheaf/inputs.hpp>.");
    static_assert(
        (hands_over<F, Side, Split, K, V, MapOnly>()),
        "sheaf::map_reduce: map is void(const split& in, sheaf::emitter<key, value>& out), with the job's own key and "
        "value types, and const side_data& behind them if the job has that. The split is sheaf::text_split unless "
        "the function says otherwise, or map_with<split>(f). In a map_only() job, out may be a std::string&.");
}

/// A mapper of records.
template <class K, class V, class Side, bool MapOnly, class Split, class F>
constexpr void check_mapper(std::type_identity<record_mapper<Split, F>>) {
    static_assert(complete_type<Split>,
                  "sheaf::map_reduce: the records' split is only declared here: #include <sheaf/inputs.hpp>.");
    if constexpr (complete_type<Split>) {
        using record = std::remove_cvref_t<decltype(*std::declval<const Split&>().records().begin())>;
        constexpr bool emits = hands_over<F, Side, record, K, V, MapOnly>();
        constexpr bool returns = is_callable<F, Side, const record&>;
        static_assert(
            emits || returns || !owns_the_key<F, Side, record>(),
            "sheaf::map_reduce: a key of text is a view in the records of another run: let map_each take const "
            "std::pair<std::string_view, value>&.");
        static_assert(
            emits || returns || owns_the_key<F, Side, record>(),
            "sheaf::map_reduce: map_each is called with one record of the input, then maybe sheaf::emitter<key, "
            "value>& out, then const side_data& if the job has that. The record is a std::string_view (a line), "
            "sheaf::csv_row, a number or what else the input's splits hold.");
        if constexpr (!emits && returns) {
            using made = decltype(call_with_side(std::declval<F&>(), std::declval<const Side&>(),
                                                 std::declval<const record&>()));
            static_assert(
                mapped_record<std::remove_cvref_t<made>>,
                "sheaf::map_reduce: what map_each returns is a std::pair of key and value, a std::optional of "
                "one, or a container of any number; or it takes sheaf::emitter<key, value>& out and emits.");
            if constexpr (mapped_record<std::remove_cvref_t<made>>) {
                static_assert(
                    emits_as<std::remove_cvref_t<made>, K, V>,
                    "sheaf::map_reduce: what map_each returns does not convert to the job's key and value (of "
                    "a join: those of its input).");
            }
        }
    }
}

template <class K, class V, class Steps>
constexpr void check_ends() {
    constexpr bool folds = has_step<combiner, Steps> || has_step<accumulator, Steps>;
    constexpr bool reduces = has_step<reducer, Steps> || has_step<pair_reducer, Steps>;
    constexpr bool joins = has_step<joiner, Steps> || has_step<pair_joiner, Steps>;
    constexpr bool map_only = has_step<no_reducer, Steps>;
    static_assert(folds || reduces || joins || map_only,
                  "sheaf::map_reduce: a job needs combine_with(value(value, value)), accumulate_with<accumulator>(), "
                  "reduce_with(...), reduce_to<key, value>(...), join_with(...), or map_only().");
    static_assert(
        !map_only || !(folds || reduces || joins),
        "sheaf::map_reduce: a map_only() job has no other stage: leave out map_only(), or the step after it.");
    static_assert(
        !map_only || (!has_step<partitioning, Steps> && inputs_of<Steps> == 1),
        "sheaf::map_reduce: a map_only() job has one input, and a part of output for each split of it: there is "
        "nothing to partition.");
    static_assert(!(has_step<combiner, Steps> && has_step<accumulator, Steps>),
                  "sheaf::map_reduce: values are combined or accumulated, not both.");
    static_assert(!(has_step<reducer, Steps> && has_step<pair_reducer, Steps>),
                  "sheaf::map_reduce: a job has one reducer: reduce_with() or reduce_to().");
    static_assert(
        !joins || (!folds && !reduces),
        "sheaf::map_reduce: a join is the last step: it sees all values of both inputs, as they were emitted.");
    static_assert(
        joins == is_joined<V>,
        "sheaf::map_reduce: a job that joins has sheaf::join_of<left, right> as its value type, and ends with "
        "join_with() or join_to(); others have neither.");
    static_assert(!joins || inputs_of<Steps> == 2,
                  "sheaf::map_reduce: a join has two mappers: map_with(...).and_map_with(...), or with map_each.");
    static_assert(
        !has_step<value_order, Steps> || (reduces && !folds),
        "sheaf::map_reduce: order_values_by() is for the values that a reducer sees: values that are combined or "
        "accumulated have no order left.");
    static_assert(
        !has_step<formatter, Steps> || !(has_step<reducer, Steps> || has_step<joiner, Steps>),
        "sheaf::map_reduce: reduce_with() and join_with() write their text themselves, so there is nothing left for "
        "format_with() to do. reduce_to() and join_to() leave it something.");
    static_assert(!has_step<first_tier, Steps> || folds,
                  "sheaf::map_reduce: in_two_tiers() is for jobs with combine_with() or accumulate_with(): only what "
                  "has been merged "
                  "can be merged again.");
}

template <class K, class V, class Steps>
constexpr void check_folds() {
    if constexpr (has_step<combiner, Steps>) {
        static_assert(
            std::is_invocable_r_v<V, const step_t<combiner, Steps>&, V, V>,
            "sheaf::map_reduce: combine is value(value, value), with the job's own value type, and associative.");
    }
    if constexpr (has_step<accumulator, Steps>) {
        []<class A>(types_of<A>) {
            static_assert(std::default_initializable<A>,
                          "sheaf::map_reduce: an accumulator is made empty, by its default constructor.");
            static_assert(
                requires(A& all, V value) { all.add(value); },
                "sheaf::map_reduce: an accumulator has add(const value&), with the job's own value type.");
            static_assert(
                requires(A& all, A other) { all.merge(std::move(other)); },
                "sheaf::map_reduce: an accumulator has merge(accumulator&&): it adds what another one has seen.");
        }(step_t<accumulator, Steps>{});
    }
    if constexpr (has_step<partitioning, Steps>) {
        using how = step_t<partitioning, Steps>;
        static_assert(
            std::same_as<how, by_hash_t> || std::same_as<how, by_range_t> ||
                std::is_invocable_r_v<std::uint64_t, how&, typename key_codec<K>::view, std::uint32_t>,
            "sheaf::map_reduce: partition_with() takes sheaf::by_hash, sheaf::by_range, or a function number(key, "
            "std::uint32_t partitions) that gives a number below `partitions`.");
    }
}

/// The values that a reducer sees.
template <class V, class Steps>
struct reduced_values {
    using type = value_range<V>;
};
template <class V, class Steps>
    requires(has_step<combiner, Steps> || has_step<accumulator, Steps>)
struct reduced_values<V, Steps> {
    using type = std::span<const shuffled_t<V, decltype(shuffle_of(std::declval<const Steps&>()).gather)>>;
};

template <class K, class V, class Steps, class Side>
constexpr void check_last_step() {
    using key = typename key_codec<K>::view;
    if constexpr (has_step<reducer, Steps>) {
        static_assert(is_callable<step_t<reducer, Steps>, Side, const key&, typename reduced_values<V, Steps>::type&,
                                  std::string&>,
                      "sheaf::map_reduce: reduce is void(key, auto& values, std::string& out): it walks the range of "
                      "values once, "
                      "and appends to out what the output file says of the key.");
    } else if constexpr (has_step<pair_reducer, Steps>) {
        []<class K2, class V2, class F>(std::type_identity<std::pair<types_of<K2, V2>, F>>) {
            static_assert(is_callable<F, Side, const key&, typename reduced_values<V, Steps>::type&, emitter<K2, V2>&>,
                          "sheaf::map_reduce: reduce_to<key2, value2>() takes void(key, auto& values, "
                          "sheaf::emitter<key2, value2>& "
                          "out).");
        }(std::type_identity<step_t<pair_reducer, Steps>>{});
    } else if constexpr (has_step<joiner, Steps>) {
        static_assert(is_callable<step_t<joiner, Steps>, Side, const key&, const left_values<typename V::left_type>&,
                                  value_range<typename V::right_type, value_framing::sized>&, std::string&>,
                      "sheaf::map_reduce: join is void(key, const auto& left, auto& right, std::string& out).");
    } else if constexpr (has_step<pair_joiner, Steps>) {
        []<class K2, class V2, class F>(std::type_identity<std::pair<types_of<K2, V2>, F>>) {
            static_assert(is_callable<F, Side, const key&, const left_values<typename V::left_type>&,
                                      value_range<typename V::right_type, value_framing::sized>&, emitter<K2, V2>&>,
                          "sheaf::map_reduce: join_to<key2, value2>() takes void(key, const auto& left, auto& right, "
                          "sheaf::emitter<key2, value2>& out).");
        }(std::type_identity<step_t<pair_joiner, Steps>>{});
    }
}

/// Stops the compiler, with a sentence, at steps that do not fit the job.
template <class K, class V, class Steps>
constexpr bool check_steps() {
    using side = typename side_type<Steps>::type;
    check_ends<K, V, Steps>();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (check_mapper<K, typename input_value<V, I>::type, side, has_step<no_reducer, Steps>>(
             std::type_identity<step_t<mapper_of<I>, Steps>>{}),
         ...);
    }(std::make_index_sequence<inputs_of<Steps>>{});
    check_folds<K, V, Steps>();
    check_last_step<K, V, Steps, side>();
    return true;
}

}  // namespace sheaf::detail
