// A key and a value as a record of a typed file: as codec.hpp writes the pair of them. Not for users.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/codec.hpp>
#include <sheaf/detail/record_lengths.hpp>

namespace sheaf::detail {

/// Appends what codec.hpp writes of a T; `part` may be a view of one.
template <class T, class Part>
void append_encoded(std::string& out, const Part& part) {
    if constexpr (std::is_same_v<T, std::string>) {
        const std::string_view text = part;
        append_length(out, text.size());
        out += text;
    } else {
        encode_to(out, static_cast<const T&>(part));
    }
}

/// Appends the record, after its length. `scratch` is for its bytes.
template <class K, class V, class Key, class Value>
void append_typed_record(std::string& out, std::string& scratch, const Key& key, const Value& value) {
    scratch.clear();
    append_encoded<K>(scratch, key);
    append_encoded<V>(scratch, value);
    append_length(out, scratch.size());
    out += scratch;
}

/// Throws decode_error.
template <class Pair>
[[nodiscard]] Pair read_typed_record(std::string_view record) {
    return decode<Pair>(record);
}

}  // namespace sheaf::detail
