// JSON from values and back, on the same serialize() functions as codec.hpp; and tasks that speak it, for clients and
// workers in any language. Include it where such a task is declared.
//
//     inline constexpr sheaf::task<"text.stats", stats(std::string), sheaf::json> text_stats{};
//
// How values look:
//   numbers         numbers; integers exactly, up to 64 bits, though many languages hold only 53 of them
//   bool, enum      true and false; the enum's number
//   std::string     a text, which must be UTF-8: what is not cannot be sent
//   sheaf::bytes    a text in base64 (RFC 4648, padded); so is every vector and array of std::byte
//   containers      arrays; a map whose keys are texts is an object, other maps are arrays of [key, value]
//   pair, tuple     arrays
//   optional        the value or null, also std::unique_ptr; std::monostate is null
//   variant         {"index": 1, "data": value}
//   durations       their number of ticks; time points: of ticks since 1970
//   classes         objects: what CEREAL_NVP names is a field of that name, other fields are value0, value1 and so on, base
//                   classes' fields stand among the class's own. save_minimal() is the value alone, and a class that
//                   begins with cereal::make_size_tag() an array.
//
// A task's payload is {"args":[1,"two"]}, and its answer {"result":3}, or {"result":null} of a task that returns void.
// Failures are WORK_EXCEPTIONs (or answers, from workers that cannot send those) of this form, where all but "error" may
// be missing:
//     {"error":{"type":"unreadable","what":"no such file","data":{"err":2}}}
// `type` is what json_error_name gives for a class in the task's throws<...>, and `data` its fields; any other failure is a
// remote_error with the text in `what`. WORK_FAIL is errc::job_failed. Nothing else travels along: the worker knows neither
// attempts nor time-outs of call_options, and no fingerprint tells that the types differ: the errors below do.
//
// Nothing is lost silently. NaN, infinity, and text that is not UTF-8 are encode_errors; when reading, keys that are
// missing, unknown or there twice, numbers that do not fit, invalid UTF-8, text after the end, and what exceeds
// decode_limits (its depth counts arrays and objects) are decode_errors. Both name the value: args[0].words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <sheaf/bytes.hpp>
#include <sheaf/detail/binary_codec.hpp>
#include <sheaf/detail/json_archive.hpp>

namespace sheaf {

/// Appends `value` as JSON to `out`. Throws encode_error; `out` then ends in the middle of something.
template <class T>
void to_json(std::string& out, const T& value) {
    detail::json_writer writer(out);
    detail::json_output_archive archive(writer);
    detail::encode_json(archive, value);
}

/// `value` as JSON.
///     to_json(stats{"a.txt", 7})  // {"path":"a.txt","words":7}
template <class T>
[[nodiscard]] std::string to_json(const T& value) {
    std::string out;
    to_json(out, value);
    return out;
}

/// Reads `value` from all of `text`. Throws decode_error; `value` is then something valid, but unspecified. What a class's
/// own functions throw passes through.
template <class T>
void from_json(std::string_view text, T& value, const decode_limits& limits = {}) {
    detail::json_reader reader(text, limits);
    detail::json_input_archive archive(reader);
    detail::decode_json(archive, value);
}

/// The value that all of `text` is; as above otherwise.
template <class T>
[[nodiscard]] T from_json(std::string_view text, const decode_limits& limits = {}) {
    T value{};
    from_json(text, value, limits);
    return value;
}

namespace detail {

template <class E>
constexpr std::string_view own_json_name() {
    if constexpr (requires { std::string_view(E::json_name); }) {
        return E::json_name;
    } else {
        return {};
    }
}

}  // namespace detail

/// What an exception in the throws<...> of a JSON task is called on the wire: its json_name, or a specialization for
/// classes that have none.
///     struct unreadable : std::runtime_error {
///         static constexpr std::string_view json_name = "unreadable";
template <class E>
inline constexpr std::string_view json_error_name = detail::own_json_name<E>();

namespace detail {

constexpr bool all_differ(std::initializer_list<std::string_view> names) {
    for (const auto* one = names.begin(); one != names.end(); ++one) {
        for (const auto* other = one + 1; other != names.end(); ++other) {
            if (*one == *other) return false;
        }
    }
    return true;
}

/// {"key":value}
template <class T>
void write_json_member(std::string& out, std::string_view key, const T& value) {
    json_writer writer(out);
    json_output_archive archive(writer);
    writer.open_object();
    writer.key(key);
    encode_json(archive, value);
    writer.close();
}

template <class T>
void read_json_member(std::string_view text, std::string_view key, T& value) {
    json_reader reader(text, {});
    json_input_archive archive(reader);
    const json_reader::scope inside(reader);
    reader.enter_class();
    reader.field(key);
    decode_json(archive, value);
    reader.finish();
}

}  // namespace detail

/// Task option: arguments and results travel as JSON, for workers and clients in any language.
struct json {
    static constexpr detail::wire_form form = detail::wire_form::json;
    using describer = detail::describing_archive;
    static constexpr bool names_count = true;
    static constexpr bool has_streams = false;

    template <class T>
    static constexpr bool can_encode = detail::has_cereal_functions<T>;
    template <class T>
    static constexpr void check_value() {
        detail::refuse_unfit_for_json<T>();
    }
    template <class E>
    static constexpr void check_error() {
        static_assert(!json_error_name<E>.empty(),
                      "sheaf::json: say what the error is called on the wire: add 'static constexpr std::string_view "
                      "json_name = \"...\";' to the class, or specialize sheaf::json_error_name.");
    }
    template <class... E>
    static constexpr void check_errors() {
        static_assert(detail::all_differ({json_error_name<E>...}),
                      "sheaf::json: two errors of the task have the same json_name.");
    }

    template <class Arguments>
    static void write_arguments(std::string& out, const Arguments& arguments) {
        detail::write_json_member(out, "args", arguments);
    }
    template <class Arguments>
    static void read_arguments(std::string_view text, Arguments& arguments) {
        detail::read_json_member(text, "args", arguments);
    }
    template <class R>
    static std::string write_result(const R& value) {
        std::string out;
        detail::write_json_member(out, "result", value);
        return out;
    }
    template <class R>
    static R read_result(std::string_view text) {
        R value{};
        detail::read_json_member(text, "result", value);
        return value;
    }
    static std::string write_no_result() { return R"({"result":null})"; }
    static void read_no_result(std::string_view text) { (void)read_result<std::monostate>(text); }

    template <class E>
    static constexpr std::string_view error_name = json_error_name<E>;
    template <class E>
    static constexpr bool has_fields = detail::has_cereal_functions<E>;
    template <class E>
    static std::string write_error(const E& error) {
        std::string out;
        detail::json_writer writer(out);
        detail::json_output_archive archive(writer);
        archive.object(error);
        return out;
    }
    template <class E>
    static void read_error(std::string_view fields, E& error) {
        detail::json_reader reader(fields, {});
        detail::json_input_archive archive(reader);
        archive.object(error);
    }
};

}  // namespace sheaf
