// A job's steps as the handlers of its tasks. Not for users.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <sheaf/context.hpp>
#include <sheaf/detail/attempt_place.hpp>
#include <sheaf/detail/check_steps.hpp>
#include <sheaf/detail/job_shape.hpp>
#include <sheaf/detail/map_step.hpp>
#include <sheaf/detail/merge_step.hpp>
#include <sheaf/detail/reduce_partitions.hpp>
#include <sheaf/detail/reduce_step.hpp>
#include <sheaf/detail/sample_step.hpp>

namespace sheaf::detail {

inline attempt_hooks hooks_of(context& of) {
    return {.stop = of.stop_token(),
            .progress = [&of](std::uint64_t done, std::uint64_t total) { of.progress(done, total); },
            .open = {}};
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

/// The keys and values that a job gives, as types_of<K, V>; types_of<> of jobs that write text of their own.
template <class K, class V, class Steps>
constexpr auto given_types() {
    if constexpr (has_step<no_reducer, Steps>) {
        if constexpr (appends_text<step_t<mapper_of<0>, Steps>, typename side_type<Steps>::type, K, V>()) {
            return types_of<>{};
        } else {
            return types_of<K, V>{};
        }
    } else if constexpr (has_step<pair_reducer, Steps>) {
        return typename step_t<pair_reducer, Steps>::first_type{};
    } else if constexpr (has_step<pair_joiner, Steps>) {
        return typename step_t<pair_joiner, Steps>::first_type{};
    } else if constexpr (has_step<reducer, Steps> || has_step<joiner, Steps>) {
        return types_of<>{};
    } else {
        using gather = decltype(shuffle_of(std::declval<const Steps&>()).gather);
        using format = decltype(step_or<formatter, default_format>(std::declval<const Steps&>()));
        return types_of<K, outcome_t<K, format, shuffled_t<V, gather>>>{};
    }
}

template <class Steps, class... Pair>
void describe_pairs(job_shape& shape, types_of<Pair...>) {
    if constexpr (sizeof...(Pair) == 2) {
        using format = decltype(step_or<formatter, default_format>(std::declval<const Steps&>()));
        shape.pair_schema = pair_format<Pair..., format>::schema();
        shape.pairs_have_text = pair_format<Pair..., format>::has_text;
    }
}

/// What the driver has to know.
template <class K, class V, class Steps>
job_shape shape_of() {
    job_shape shape;
    shape.inputs = inputs_of<Steps>;
    shape.map_only = has_step<no_reducer, Steps>;
    shape.by_range = is_by_range<Steps>;
    shape.two_tiers = has_step<first_tier, Steps>;
    shape.keeps_records = !shape.map_only && !has_step<combiner, Steps> && !has_step<accumulator, Steps>;
    if constexpr (has_step<side_value, Steps>) shape.side_schema = type_schema<typename side_type<Steps>::type>();
    describe_pairs<Steps>(shape, given_types<K, V, Steps>());
    return shape;
}

/// The handlers. Each attempt gets copies of the steps.
template <class K, class V, class Steps>
class job_handlers {
  public:
    explicit job_handlers(Steps steps) : steps_(std::move(steps)) {}

    map_output map(context& in, const map_assignment& what) const {
        return with_facts(in, [&] {
            return place_attempt(what, hooks_of(in), [&](const map_assignment& here, const attempt_hooks& hooks) {
                return run_map_step<K, V>(steps_, here, hooks);
            });
        });
    }
    reduce_output reduce(context& in, const reduce_assignment& what) const {
        return with_facts(in, [&] {
            return place_attempt(what, hooks_of(in), [&](const reduce_assignment& here, const attempt_hooks& hooks) {
                if constexpr (has_step<first_tier, Steps>) {
                    if (here.merge) return run_merge_step<K, V>(steps_, here, hooks);
                }
                segment_shelf shelf;
                attempt_hooks shared = hooks;
                if (here.partition_count > 1 || here.format.record_bytes != 0) shared.shelf = &shelf;
                return reduce_partitions(here, [&](const reduce_assignment& one) {
                    if constexpr (has_step<no_reducer, Steps>) {
                        return reduce_output{};
                    } else {
                        return run_reduce_step<K, V>(steps_, one, shared);
                    }
                });
            });
        });
    }
    sample_output sample(context& in, const sample_assignment& what) const {
        return with_facts(in, [&] {
            return place_attempt(what, hooks_of(in), [&](const sample_assignment& here, const attempt_hooks& hooks) {
                return run_sample_step<K, V>(steps_, here, hooks);
            });
        });
    }
    job_shape describe() const { return shape_of<K, V, Steps>(); }

  private:
    Steps steps_;
};

}  // namespace sheaf::detail
