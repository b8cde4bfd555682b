// The steps of a job as a type: each is a tag and a function. Not for users.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace sheaf::detail {

template <class Tag, class F>
struct step {
    F held;
};

// What steps are for. Inputs are numbered from 0, in the order in which they were given.
template <std::size_t Input>
struct mapper_of {};
template <std::size_t Input>
struct filter_of {};
struct combiner {};
struct accumulator {};
struct partitioning {};
struct value_order {};
struct reducer {};
struct pair_reducer {};
struct joiner {};
struct pair_joiner {};
struct no_reducer {};
struct formatter {};
struct side_value {};
struct first_tier {};

/// A type, as a value.
template <class... T>
struct types_of {};

template <class Tag, class F>
[[nodiscard]] F& step_function(step<Tag, F>& of) noexcept {
    return of.held;
}
template <class Tag, class F>
[[nodiscard]] const F& step_function(const step<Tag, F>& of) noexcept {
    return of.held;
}

/// Whether Steps, a list of steps, has one for Tag.
template <class Tag, class Steps>
inline constexpr bool has_step = requires(const Steps& of) { step_function<Tag>(of); };

/// The function of the step for Tag. Attempts work on copies, whose functions may have state.
template <class Tag, class Steps>
using step_t = std::remove_cvref_t<decltype(step_function<Tag>(std::declval<const Steps&>()))>;

/// The same, or Default where there is no such step.
template <class Tag, class Default, class Steps>
[[nodiscard]] auto step_or(const Steps& of) {
    if constexpr (has_step<Tag, Steps>) {
        return step_function<Tag>(of);
    } else {
        return Default{};
    }
}

template <class Steps, std::size_t From = 0>
constexpr std::size_t count_inputs() {
    if constexpr (has_step<mapper_of<From>, Steps>) {
        return count_inputs<Steps, From + 1>();
    } else {
        return From;
    }
}
/// How many mappers Steps has.
template <class Steps>
inline constexpr std::size_t inputs_of = count_inputs<Steps>();

}  // namespace sheaf::detail
