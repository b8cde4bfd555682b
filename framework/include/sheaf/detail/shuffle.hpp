// How the records of a job get from its mappers to its reducers: what the steps of a job say to attempts. Not for users.
#pragma once

#include <type_traits>
#include <utility>

#include <sheaf/detail/fold.hpp>
#include <sheaf/partition.hpp>

namespace sheaf::detail {

/// Every record goes to its reducer.
struct keep_all {};

/// The values of a key are combined by V(V, V), associative, before they leave the map attempt.
template <class Combine>
struct combine_by {
    Combine combine;
};

/// The values of a key go into an accumulator: default constructible, with add(value), merge(accumulator&&) and serialize().
template <class Accumulator>
struct accumulate_in {};

template <class V, class Gather>
struct fold_of;
template <class V, class Combine>
struct fold_of<V, combine_by<Combine>> {
    using at_mapper = combine_fold<V, Combine>;
    using at_reducer = combine_fold<V, Combine>;
    static at_mapper for_mapper(const combine_by<Combine>& how) { return at_mapper(how.combine); }
    static at_reducer for_reducer(const combine_by<Combine>& how) { return at_reducer(how.combine); }
};
template <class V, class Accumulator>
struct fold_of<V, accumulate_in<Accumulator>> {
    using at_mapper = accumulate_fold<V, Accumulator>;
    using at_reducer = merge_fold<Accumulator>;
    static at_mapper for_mapper(const accumulate_in<Accumulator>&) { return {}; }
    static at_reducer for_reducer(const accumulate_in<Accumulator>&) { return {}; }
};

/// What reducers get, of mappers that emit V: V itself or accumulators.
template <class V, class Gather>
struct shuffled_of {
    using type = typename fold_of<V, Gather>::at_reducer::state;
};
template <class V>
struct shuffled_of<V, keep_all> {
    using type = V;
};
template <class V, class Gather>
using shuffled_t = typename shuffled_of<V, Gather>::type;

/// Values come in the order of the input.
struct no_order {};

/// Values of a key come in the order of project(value), and else of the input.
template <class Project>
struct order_by {
    Project project;
};

/// Aggregate. Only records that are kept have an order.
template <class Gather = keep_all, class Partition = by_hash_t, class Order = no_order>
struct shuffle {
    Gather gather{};
    Partition partition{};
    Order order{};
};

}  // namespace sheaf::detail
