// Whether the elements of a range are arguments of a task, and what the compiler says when they are not. Not for users.
#pragma once

#include <cstddef>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sheaf {

template <class Task>
struct call_of;

namespace detail {

/// The Task of a call_of<Task>; void of anything else.
template <class Element>
struct task_called {
    using type = void;
};
template <class Task>
struct task_called<call_of<Task>> {
    using type = Task;
};
template <class Element>
using task_called_t = typename task_called<std::remove_cvref_t<Element>>::type;

template <class Task, class Element, std::size_t... I>
constexpr bool parts_are_arguments(std::index_sequence<I...> /*places*/) {
    return (std::is_constructible_v<std::tuple_element_t<I, typename Task::arguments_type>,
                                    decltype(std::get<I>(std::declval<Element>()))> &&
            ...);
}

/// Whether one call of Task can be made of an Element: of the argument itself or, for tasks with several, of a tuple, pair
/// or array of them; or of a call.
template <class Task, class Element>
constexpr bool is_arguments_of() {
    // What is of the right type is not copied, and need not be copyable.
    if constexpr (std::is_same_v<std::remove_cvref_t<Element>, typename Task::arguments_type> ||
                  std::is_same_v<std::tuple<std::remove_cvref_t<Element>>, typename Task::arguments_type> ||
                  std::is_same_v<task_called_t<Element>, Task>) {
        return true;
    } else if constexpr (Task::arity == 1) {
        return std::is_convertible_v<Element, std::tuple_element_t<0, typename Task::arguments_type>>;
    } else if constexpr (requires { std::tuple_size<std::remove_cvref_t<Element>>::value; }) {
        if constexpr (std::tuple_size_v<std::remove_cvref_t<Element>> == Task::arity) {
            return parts_are_arguments<Task, Element>(std::make_index_sequence<Task::arity>{});
        } else {
            return false;
        }
    } else {
        return false;
    }
}

template <class Range>
concept walkable = requires(std::remove_reference_t<Range>& range) {
    std::begin(range);
    std::end(range);
};

/// Stops the compiler, with a sentence, unless a call of Task can be made of each element of Range.
template <class Task, class Range>
constexpr bool check_range() {
    static_assert(
        walkable<Range>,
        "sheaf::scatter: the second argument is a range of arguments, such as a std::vector or a view; for one "
        "call, write call(task(argument)).");
    if constexpr (walkable<Range>) {
        using element = decltype(*std::begin(std::declval<std::remove_reference_t<Range>&>()));
        static_assert(Task::arity != 1 || is_arguments_of<Task, element>(),
                      "sheaf::scatter: the range's elements do not convert to the task's argument. Convert them, with "
                      "std::views::transform say, or change the task's signature.");
        static_assert(
            Task::arity == 1 || is_arguments_of<Task, element>(),
            "sheaf::scatter: the task takes several arguments, so the range's elements must be tuples, pairs or "
            "arrays of as many, and each must convert.");
    }
    return true;
}

/// A range of calls of one task.
template <class Range>
concept range_of_calls =
    walkable<Range> &&
    !std::is_void_v<task_called_t<decltype(*std::begin(std::declval<std::remove_reference_t<Range>&>()))>>;

/// The task that they call.
template <class Range>
using task_of_calls = task_called_t<decltype(*std::begin(std::declval<std::remove_reference_t<Range>&>()))>;

}  // namespace detail
}  // namespace sheaf
