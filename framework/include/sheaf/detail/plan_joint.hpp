// Whether two steps of a plan fit together, said so that a person understands it. Not for users.
//
// What a compiler prints first of a failed joint is its template arguments: both steps and both types.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <sheaf/detail/plan_values.hpp>
#include <sheaf/task.hpp>

namespace sheaf::detail {

/// As the first step of a joint: the pipeline's input.
struct pipeline_input {};
/// As a step of a joint: a function of the program's own.
template <class F>
struct local_function {};
/// As the first step of a joint: what several branches gave.
template <class... Steps>
struct branches_of {};

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<result<T>> = true;

template <class T>
struct tuple_form {
    using type = T;
};
template <class A, class B>
struct tuple_form<std::pair<A, B>> {
    using type = std::tuple<A, B>;
};
/// Equal for types that are encoded in the same way on purpose.
template <class T>
using tuple_form_t = typename tuple_form<T>::type;

/// `From` gives a `Given`, and `To` takes a `Taken`.
template <class From, class Given, class To, class Taken>
struct joint_between {
    static constexpr bool fits = std::is_same_v<tuple_form_t<Given>, tuple_form_t<Taken>>;
    static_assert(fits || !std::is_same_v<Given, result<Taken>>,
                  "sheaf: these two steps of a pipeline do not fit together. The first one collects its failures "
                  "(on_failure::collect), so it gives a sheaf::result<...>; the second one must take that.");
    static_assert(
        fits || std::is_same_v<Given, result<Taken>>,
        "sheaf: these two steps of a pipeline do not fit together: the second one does not take what the first "
        "one gives. Change one of them, or put a sheaf::transform(...) between them.");
};

/// Branch `Index` ends with `From` and gives a `Given`; the parameter of `To` at that place is a `Taken`.
template <std::size_t Index, class From, class Given, class To, class Taken>
struct joint_of_branch {
    static constexpr bool fits = std::is_same_v<tuple_form_t<Given>, tuple_form_t<Taken>>;
    static_assert(fits || !holds_result<Given>,
                  "sheaf: a branch of a fork does not fit the join. It collects failures (on_failure::collect), so a "
                  "sheaf::result<...> is in what it gives; the join's parameter at that place must take that.");
    static_assert(
        fits || holds_result<Given>,
        "sheaf: a branch of a fork does not fit the join: the join's parameter at that place is of another type "
        "than what the branch gives.");
};

template <class Places, class From, class Given, class To, class Taken>
struct joints_of_branches;
template <std::size_t... I, class... Steps, class... Given, class To, class... Taken>
struct joints_of_branches<std::index_sequence<I...>, branches_of<Steps...>, std::tuple<Given...>, To,
                          std::tuple<Taken...>> : joint_of_branch<I, Steps, Given, To, Taken>... {};

/// A joint_between; of a fork and a step with as many parameters, one joint for each.
template <class From, class Given, class To, class Taken>
struct joint_before : joint_between<From, Given, To, Taken> {};
template <class... Steps, class... Given, class To, class... Taken>
    requires(sizeof...(Given) == sizeof...(Taken))
struct joint_before<branches_of<Steps...>, std::tuple<Given...>, To, std::tuple<Taken...>>
    : joints_of_branches<std::index_sequence_for<Given...>, branches_of<Steps...>, std::tuple<Given...>, To,
                         std::tuple<Taken...>> {};

/// `From` gives a `Given`; the function `F` must take that.
template <class From, class Given, class F>
struct joint_with_function {
    static constexpr bool fits = std::is_invocable_v<const F&, Given>;
    static_assert(fits,
                  "sheaf: this local function cannot be called with what the step before it gives. (It is called as "
                  "const: a lambda must not be mutable.)");
};

/// `From` gives a `Given`, which `Step` cannot take apart.
template <class From, class Given, template <class...> class Container>
struct joint_with_container {
    static constexpr bool fits = false;
    static_assert(
        !std::is_same_v<From, From>,
        "sheaf: each() and flatten take a std::vector apart, and branch() a std::variant: the step before gives "
        "something else.");
};
template <class From, class... T, template <class...> class Container>
struct joint_with_container<From, Container<T...>, Container> {
    static constexpr bool fits = true;
};

/// A branch of a fork, or what each() does, or a branch of branch().
template <class Step, bool UsesMainLine>
struct step_inside {
    static_assert(
        !UsesMainLine,
        "sheaf: batch(), flatten, ordered and by_key() need the main line of a pipeline: they cannot be inside fork(), "
        "each() or branch().");
};

}  // namespace sheaf::detail
