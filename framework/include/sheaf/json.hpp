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
// Nothing is lost silently. NaN, infinity, and text that is not UTF-8 are encode_errors; when reading, keys that are
// missing, unknown or there twice, numbers that do not fit, invalid UTF-8, text after the end, and what exceeds
// decode_limits (its depth counts arrays and objects) are decode_errors. Both name the value: args[0].words.
#pragma once

#include <string>
#include <string_view>

#include <sheaf/bytes.hpp>
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

}  // namespace sheaf
