// Typed calls as bytes, and the bytes that come back as typed results. Not for users.
#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
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

/// `arguments` encoded, with what the engine must know of the task.
template <class Task>
raw_call make_raw_call(const typename Task::arguments_type& arguments) {
    const task_schema& described = schema<Task>();
    raw_call call{.task = Task::name(),
                  .schema = described.text,
                  .fingerprint = described.fingerprint,
                  .arguments = {},
                  .form = Task::is_raw ? wire_form::raw : wire_form::enveloped,
                  .idempotent = Task::is_idempotent};
    if constexpr (Task::is_raw) {
        call.arguments = std::get<0>(arguments);
    } else {
        encode_to(call.arguments, arguments);
    }
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
/// Throws timeout: only the first `calls` elements of a range were called.
[[noreturn]] void throw_cut_short(std::string_view task, std::size_t calls);

/// What `outcome` holds for a call of Task.
template <class Task>
result<typename Task::result_type> read_result(raw_result outcome) {
    using result_type = typename Task::result_type;
    static_assert(!is_stream<result_type>, "sheaf: this task's result is a stream: read it with cluster.stream(...).");
    if (!outcome) return std::move(outcome).error();
    const std::string_view bytes = outcome->view();
    try {
        if constexpr (Task::is_raw) {
            return std::string(bytes);
        } else if constexpr (std::is_void_v<result_type>) {
            if (!bytes.empty()) return bad_result(Task::name(), "bytes came back for a task without a result");
            return {};
        } else {
            return decode<result_type>(bytes);
        }
    } catch (const std::exception& why) {
        return bad_result(Task::name(), why.what());
    }
}

/// The value in `outcome`; throws what the task declares, or the classes of failure.hpp.
template <class Task>
typename Task::result_type value_or_throw(result<typename Task::result_type> outcome) {
    if (!outcome) throw_as_declared(std::move(outcome).error(), typename Task::errors{});
    if constexpr (!std::is_void_v<typename Task::result_type>) return *std::move(outcome);
}

/// The arguments of one call, from an element of a scatter's range: the argument itself or, for tasks with several, a
/// tuple, pair or array of them.
template <class Task, class Element>
typename Task::arguments_type arguments_from(Element&& element) {
    using arguments_type = typename Task::arguments_type;
    if constexpr (!is_arguments_of<Task, Element>()) {
        static_assert(is_arguments_of<Task, Element>(), "sheaf: no call of the task can be made of this.");
    } else if constexpr (Task::arity == 1) {
        using only = std::tuple_element_t<0, arguments_type>;
        return arguments_type{static_cast<only>(std::forward<Element>(element))};
    } else {
        return std::make_from_tuple<arguments_type>(std::forward<Element>(element));
    }
}

}  // namespace sheaf::detail
