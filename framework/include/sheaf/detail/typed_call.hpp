// Typed calls as bytes, and the bytes that come back as typed results. Not for users.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <utility>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/check_range.hpp>
#include <sheaf/detail/typed_errors.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/retry.hpp>
#include <sheaf/schema.hpp>
#include <sheaf/task.hpp>

namespace sheaf::detail {

/// What a codec that names errors calls those of a task.
template <class Codec, class... E>
std::span<const std::string_view> names_of_errors(throws<E...> /*errors*/) {
    static constexpr std::array<std::string_view, sizeof...(E)> names{Codec::template error_name<E>...};
    return names;
}

/// What the engine must know of the task: a call without its arguments.
template <class Task>
raw_call make_call_frame() {
    const task_schema& described = schema<Task>();
    return {.task = Task::name(),
            .schema = described.text,
            .fingerprint = described.fingerprint,
            .arguments = {},
            .form = Task::codec::form,
            .error_names = names_of_errors<typename Task::codec>(typename Task::errors{}),
            .idempotent = Task::is_idempotent};
}

/// Appends `arguments`, encoded as Task has it.
template <class Task>
void append_arguments(std::string& to, const typename Task::arguments_type& arguments) {
    Task::codec::write_arguments(to, arguments);
}

/// `arguments` encoded, with what the engine must know of the task.
template <class Task>
raw_call make_raw_call(const typename Task::arguments_type& arguments) {
    raw_call call = make_call_frame<Task>();
    append_arguments<Task>(call.arguments, arguments);
    return call;
}

/// The errors of a task's throws<...> after which `rules` say to try again, as bits. Throws std::invalid_argument when they
/// name a class that is neither among `errors` nor one of failure.hpp's.
[[nodiscard]] std::uint64_t typed_again(std::string_view task, const retry& rules,
                                        std::initializer_list<std::type_index> errors);
template <class Task, class... E>
std::uint64_t typed_again(const retry& rules, throws<E...> /*errors*/) {
    return typed_again(Task::name(), rules, {std::type_index(typeid(E))...});
}
template <class Task>
std::uint64_t typed_again(const retry& rules) {
    return rules.rules().empty() ? 0 : typed_again<Task>(rules, typename Task::errors{});
}

/// make_raw_call(), with what `how` says of the task's errors.
template <class Task>
raw_call prepare_call(const typename Task::arguments_type& arguments, const call_options& how) {
    raw_call call = make_raw_call<Task>(arguments);
    call.typed_again = typed_again<Task>(how.retry);
    return call;
}

[[nodiscard]] failure bad_result(std::string_view task, const char* why);

/// The result of Task that `bytes` encode, or why they do not.
template <class Task>
result<typename Task::result_type> decode_result(std::string_view bytes) {
    using result_type = typename Task::result_type;
    static_assert(!is_stream<result_type>, "sheaf: this task's result is a stream: read it with cluster.stream(...).");
    try {
        if constexpr (std::is_void_v<result_type>) {
            Task::codec::read_no_result(bytes);
            return {};
        } else {
            return Task::codec::template read_result<result_type>(bytes);
        }
    } catch (const std::exception& why) {
        return bad_result(Task::name(), why.what());
    }
}

/// What `outcome` holds for a call of Task.
template <class Task>
result<typename Task::result_type> read_result(raw_result outcome) {
    if (!outcome) return std::move(outcome).error();
    return decode_result<Task>(outcome->view());
}

/// The value in `outcome`; throws what the task declares, or the classes of failure.hpp.
template <class Task>
typename Task::result_type value_or_throw(result<typename Task::result_type> outcome) {
    if (!outcome) throw_as_declared<typename Task::codec>(std::move(outcome).error(), typename Task::errors{});
    if constexpr (!std::is_void_v<typename Task::result_type>) return *std::move(outcome);
}

/// The arguments of one call, from an element of a scatter's range: the argument itself or, for tasks with several, a
/// tuple, pair or array of them; or a call.
template <class Task, class Element>
typename Task::arguments_type arguments_from(Element&& element) {
    using arguments_type = typename Task::arguments_type;
    if constexpr (!is_arguments_of<Task, Element>()) {
        static_assert(is_arguments_of<Task, Element>(), "sheaf: no call of the task can be made of this.");
    } else if constexpr (std::is_same_v<task_called_t<Element>, Task>) {
        return std::forward<Element>(element).arguments;
    } else if constexpr (Task::arity == 1) {
        using only = std::tuple_element_t<0, arguments_type>;
        return arguments_type{static_cast<only>(std::forward<Element>(element))};
    } else {
        return std::make_from_tuple<arguments_type>(std::forward<Element>(element));
    }
}

/// Appends the arguments that `element` stands for, encoded as Task has it; without a copy of them where they are of the
/// task's own types.
template <class Task, class Element>
void append_element(std::string& to, Element&& element) {
    using arguments_type = typename Task::arguments_type;
    using element_type = std::remove_cvref_t<Element>;
    if constexpr (std::is_same_v<element_type, arguments_type>) {
        append_arguments<Task>(to, element);
    } else if constexpr (std::is_same_v<task_called_t<Element>, Task>) {
        append_arguments<Task>(to, element.arguments);
    } else if constexpr (std::is_same_v<arguments_type, std::tuple<element_type>> &&
                         std::is_same_v<typename Task::codec, binary_codec>) {
        encode_to(to, std::as_const(element));  // a tuple is its parts
    } else {
        append_arguments<Task>(to, arguments_from<Task>(std::forward<Element>(element)));
    }
}

}  // namespace sheaf::detail
