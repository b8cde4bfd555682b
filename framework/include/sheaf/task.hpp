// Tasks: functions that workers offer, each declared once, in a header that client and worker share.
//
//     inline constexpr sheaf::task<"fs.stats", stats(std::string), sheaf::throws<unreadable>> file_stats{};
//
// The name is Gearman's function name. Arguments and result travel encoded as codec.hpp says, together with a
// fingerprint of their types, so that a client and a worker of different builds notice. Options choose another encoding:
// raw (below), json (json.hpp, for workers and clients in any language), boost_serialization (boost.hpp).
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <sheaf/bytes.hpp>
#include <sheaf/codec.hpp>
#include <sheaf/context.hpp>
#include <sheaf/detail/binary_codec.hpp>
#include <sheaf/stream.hpp>

namespace sheaf {

/// A string literal as a template argument.
template <std::size_t N>
struct fixed_string {
    char value[N]{};

    constexpr fixed_string(const char (&literal)[N]) noexcept {  // NOLINT: a literal is one
        for (std::size_t i = 0; i < N; ++i) value[i] = literal[i];
    }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {value, N - 1}; }
};

/// Task option: the handler may throw these, and the caller then catches exactly these. Each is constructible from a
/// std::string, has what(), and has cereal's serialize() for fields of its own, if any.
template <class... E>
struct throws {};
/// Task option: running the handler twice does no harm.
struct idempotent {};

/// Task option: plain Gearman, bytes in and bytes out, with nothing around them, for any Gearman peer. The task's argument
/// is a sheaf::bytes or a std::string, and so is its result:
///     inline constexpr sheaf::task<"thumb.make", sheaf::bytes(sheaf::bytes), sheaf::raw> make_thumbnail{};
/// Attempts and time-outs of call_options do not reach the worker, and a failure is a text.
struct raw {
    static constexpr detail::wire_form form = detail::wire_form::raw;
    static constexpr bool has_streams = false;

    template <class Bytes>
    static void write_arguments(std::string& out, const std::tuple<Bytes>& payload) {
        out.append(reinterpret_cast<const char*>(std::get<0>(payload).data()), std::get<0>(payload).size());
    }
    template <class Bytes>
    static void read_arguments(std::string_view payload, std::tuple<Bytes>& arguments) {
        std::get<0>(arguments) = read_result<Bytes>(payload);
    }
    template <class Bytes>
    static std::string write_result(const Bytes& payload) {
        return {reinterpret_cast<const char*>(payload.data()), payload.size()};
    }
    template <class Bytes>
    static Bytes read_result(std::string_view payload) {
        const auto* const first = reinterpret_cast<const typename Bytes::value_type*>(payload.data());
        return Bytes(first, first + payload.size());
    }
};

namespace detail {

constexpr bool is_task_name(std::string_view name) {
    if (name.empty() || name.size() > 64) return false;
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') return false;
    }
    return true;
}

template <class Option>
inline constexpr bool is_task_option = std::is_same_v<Option, idempotent> || codec_option<Option>;
template <class... E>
inline constexpr bool is_task_option<throws<E...>> = true;
template <class Option>
inline constexpr bool is_throws = false;
template <class... E>
inline constexpr bool is_throws<throws<E...>> = true;

template <class... Options>
struct errors_of {
    using type = throws<>;
};
template <class... E, class... Others>
struct errors_of<throws<E...>, Others...> {
    using type = throws<E...>;
};
template <class First, class... Others>
struct errors_of<First, Others...> : errors_of<Others...> {};

/// The payload of a raw task.
template <class T>
inline constexpr bool is_payload = std::is_same_v<T, bytes> || std::is_same_v<T, std::string>;

/// Whether the codec, or this library, knows how to encode and decode a T. Of containers, their elements are asked separately.
template <class T, class Codec = binary_codec>
concept sendable = kind_of<T> != wire_kind::object || Codec::template can_encode<T> || std::is_empty_v<T>;

/// Classes that refuse_unsendable() has a better sentence for than that they cannot be encoded.
template <class T>
inline constexpr bool is_refused_class =
    is_view<T> || is_shared_pointer<T> || is_owning_pointer<T> || is_other_time_point<T> || std::is_polymorphic_v<T>;

template <class T, class Codec>
constexpr void check_sendable();

template <class Tuple, class Codec>
struct check_parts;
template <template <class...> class Tuple, class... T, class Codec>
struct check_parts<Tuple<T...>, Codec> {
    static constexpr void run() { (check_sendable<T, Codec>(), ...); }
};

/// Stops the compiler at a T that cannot be sent, or that holds, in whatever containers, what cannot be. Of a class's own
/// fields only its serialize() knows: those are checked when they are encoded.
template <class T, class Codec>
constexpr void check_sendable() {
    refuse_unsendable<T>();
    Codec::template check_value<T>();
    static_assert(std::is_object_v<T>, "sheaf::task: arguments and results are objects.");
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::object && std::is_class_v<T> && !is_refused_class<T>) {
        static_assert(sendable<T, Codec>,
                      "sheaf::task: this class cannot be encoded. Give it "
                      "template <class Archive> void serialize(Archive& archive) { archive(CEREAL_NVP(first), ...); }");
        static_assert(
            std::is_default_constructible_v<T>,
            "sheaf::task: what is sent must have a default constructor: the receiver fills in a default object.");
    } else if constexpr (kind == wire_kind::map) {
        check_sendable<typename T::key_type, Codec>();
        check_sendable<typename T::mapped_type, Codec>();
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::array || kind == wire_kind::set) {
        check_sendable<element_t<T>, Codec>();
    } else if constexpr (kind == wire_kind::optional) {
        check_sendable<std::remove_cvref_t<decltype(*std::declval<T&>())>, Codec>();
    } else if constexpr (kind == wire_kind::variant || kind == wire_kind::tuple) {
        check_parts<T, Codec>::run();
    }
}

template <class E, class Codec>
constexpr void check_error() {
    static_assert(std::is_base_of_v<std::exception, E>, "sheaf::throws: errors derive from std::exception.");
    static_assert(std::is_constructible_v<E, std::string>,
                  "sheaf::throws: errors are constructible from a std::string, what() of the one that was thrown. Add "
                  "'using std::runtime_error::runtime_error;'.");
    static_assert(
        Codec::template has_fields<E> || sizeof(E) == sizeof(std::runtime_error),
        "sheaf::throws: an error with fields of its own needs serialize(), or they would be lost on the way.");
    Codec::template check_error<E>();
}

template <class R, class Codec>
constexpr void check_result() {
    check_sendable<R, Codec>();
}
template <stream_type R, class Codec>
constexpr void check_result() {
    static_assert(Codec::has_streams,
                  "sheaf::task: a stream's chunks travel with the default codec only: leave out json, raw or "
                  "boost_serialization.");
    check_sendable<typename R::chunk_type, Codec>();
}

template <class Codec, class... E>
constexpr void check_errors(throws<E...> /*errors*/) {
    (check_error<E, Codec>(), ...);
    if constexpr (requires { Codec::template check_errors<E...>(); }) Codec::template check_errors<E...>();
}

/// All that can be wrong with a task's declaration. Instantiated with the task, so that the message names it.
template <class Task, fixed_string Name, class R, class Arguments, class... Options>
struct check_task;
template <class Task, fixed_string Name, class R, class... A, class... Options>
struct check_task<Task, Name, R, std::tuple<A...>, Options...> {
    static constexpr bool run() {
        static_assert(is_task_name(Name.view()),
                      "sheaf::task: a task's name is 1 to 64 of the characters A-Z a-z 0-9 . _ and -");
        static_assert(
            (is_task_option<Options> && ...),
            "sheaf::task: the options are throws<E...>, idempotent, and one of raw, json and boost_serialization.");
        static_assert((0 + ... + (codec_option<Options> ? 1 : 0)) <= 1,
                      "sheaf::task: a task has one codec: name one of raw, json and boost_serialization.");
        static_assert((0 + ... + (is_throws<Options> ? 1 : 0)) <= 1,
                      "sheaf::task: name all errors in one throws<E...>.");
        using codec = typename codec_of<Options...>::type;
        if constexpr (std::is_same_v<codec, raw>) {
            static_assert(
                sizeof...(A) == 1 && (is_payload<A> && ...) && is_payload<R>,
                "sheaf::task: a raw task is sheaf::bytes(sheaf::bytes), or has std::string in place of either: "
                "bytes in, bytes out.");
            static_assert(!(is_throws<Options> || ...),
                          "sheaf::task: a raw task has no envelope in which typed errors could travel.");
        } else {
            (check_sendable<A, codec>(), ...);
            if constexpr (!std::is_void_v<R>) check_result<R, codec>();
            check_errors<codec>(typename errors_of<Options...>::type{});
        }
        return true;
    }
};

template <class Arguments, class... U>
inline constexpr bool convert_to_all = false;
template <class... A, class... U>
    requires(sizeof...(A) == sizeof...(U))
inline constexpr bool convert_to_all<std::tuple<A...>, U...> = (std::convertible_to<U, A> && ...);

/// A task with these arguments may be called with U.
template <class Arguments, class... U>
concept convert_to = convert_to_all<Arguments, U...>;

/// Not a type of anything: its name is what the compiler shows when they do not.
struct arguments_must_convert_one_by_one_to_those_of_the_task;

}  // namespace detail

/// One use of a task: its arguments, ready to be sent. Made by calling the task; nothing has been sent.
template <class Task>
struct call_of {
    using task_type = Task;
    typename Task::arguments_type arguments;
};

template <fixed_string Name, class Signature, class... Options>
struct task {
    static_assert(std::is_function_v<Signature>,
                  "sheaf::task: the second argument is a signature such as result(argument, argument).");
};

/// A function that workers offer under `Name`. Stateless: declare it inline constexpr.
template <fixed_string Name, class R, class... A, class... Options>
struct task<Name, R(A...), Options...> {
    using result_type = std::conditional_t<std::is_void_v<R>, void, std::remove_cv_t<R>>;
    using arguments_type = std::tuple<std::remove_cvref_t<A>...>;
    using errors = typename detail::errors_of<Options...>::type;

    using codec = typename detail::codec_of<Options...>::type;

    static constexpr bool is_raw = std::is_same_v<codec, raw>;
    static constexpr bool is_idempotent = (std::is_same_v<Options, idempotent> || ...);
    static constexpr std::size_t arity = sizeof...(A);

    static constexpr std::string_view name() noexcept { return Name.view(); }

    /// A call with these arguments.
    template <class... U>
        requires detail::convert_to<arguments_type, U...>
    constexpr call_of<task> operator()(U&&... arguments) const {
        return {arguments_type{static_cast<std::remove_cvref_t<A>>(std::forward<U>(arguments))...}};
    }
    /// The same, for arguments in braces: render({.width = 640, .height = 480}).
    constexpr call_of<task> operator()(std::remove_cvref_t<A>... arguments) const {
        return {arguments_type{std::move(arguments)...}};
    }
    /// For the compiler's message, which shows the task's name and signature, and the arguments as U.
    template <class... U>
        requires(!detail::convert_to<arguments_type, U...>)
    detail::arguments_must_convert_one_by_one_to_those_of_the_task operator()(U&&...) const = delete;

    static_assert(detail::check_task<task, Name, result_type, arguments_type, Options...>::run());
};

/// Any task type.
template <class T>
concept task_type = requires {
    typename T::result_type;
    typename T::arguments_type;
    typename T::errors;
    { T::name() } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <class Handler, class Result, class Arguments>
inline constexpr bool handles = false;
template <class Handler, class Result, class... A>
inline constexpr bool handles<Handler, Result, std::tuple<A...>> = std::is_invocable_r_v<Result, Handler&, A...>;
template <class Handler, class T, class... A>
inline constexpr bool handles<Handler, stream<T>, std::tuple<A...>> =
    std::is_invocable_r_v<void, Handler&, stream_writer<T>&, A...>;

template <class Handler, class Arguments>
inline constexpr bool takes_context = false;
template <class Handler, class... A>
inline constexpr bool takes_context<Handler, std::tuple<A...>> = std::is_invocable_v<Handler&, context&, A...>;

template <class Handler, class Result, class Arguments>
inline constexpr bool handles_with_context = false;
template <class Handler, class Result, class... A>
inline constexpr bool handles_with_context<Handler, Result, std::tuple<A...>> =
    std::is_invocable_r_v<Result, Handler&, context&, A...>;
template <class Handler, class T, class... A>
inline constexpr bool handles_with_context<Handler, stream<T>, std::tuple<A...>> =
    std::is_invocable_r_v<void, Handler&, context&, stream_writer<T>&, A...>;

/// Handler can serve Task: it takes the task's arguments, or a context& and then them, and returns its result. That of a
/// stream takes a stream_writer& before the arguments, and returns nothing.
template <class Handler, class Task>
concept implements =
    task_type<Task> && (handles<Handler, typename Task::result_type, typename Task::arguments_type> ||
                        handles_with_context<Handler, typename Task::result_type, typename Task::arguments_type>);

template <class Handler, class Arguments>
inline constexpr bool takes = false;
template <class Handler, class... A>
inline constexpr bool takes<Handler, std::tuple<A...>> = std::is_invocable_v<Handler&, A...>;

/// Stops the compiler with a sentence about a handler that does not implement Task.
template <class Task, class Handler>
constexpr void explain_handler() {
    using arguments = typename Task::arguments_type;
    constexpr bool fits = takes<Handler, arguments> || takes_context<Handler, arguments>;
    static_assert(fits,
                  "sheaf::app::bind: the handler cannot be called with the task's arguments. Let it take those of the "
                  "task's signature, or a sheaf::context& and then those.");
    static_assert(!fits || implements<Handler, Task>,
                  "sheaf::app::bind: what the handler returns does not convert to the task's result. Return that, or "
                  "change the task's signature.");
}

}  // namespace detail
}  // namespace sheaf
