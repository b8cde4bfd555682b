// How values become bytes. Not for users: see codec.hpp.
//
// Numbers are little-endian and as wide as they are; counts are LEB128; a text or sequence is its count and its elements;
// an optional is a byte 0 or 1 and then the value; a variant is the index of its alternative and its value; arrays,
// tuples and objects are their parts, one after the other. The format is on the wire: append to it, never change it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <variant>

#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

/// The value with its bytes in the order of the wire, or back.
template <class T>
T wire_order(T value) noexcept {
    if constexpr (std::endian::native == std::endian::big && sizeof(T) > 1) {
        auto* first = reinterpret_cast<char*>(&value);
        for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(first[i], first[sizeof(T) - 1 - i]);
    }
    return value;
}

template <class T>
void append_number(std::string& out, T value) {
    value = wire_order(value);
    out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

inline void append_count(std::string& out, std::uint64_t count) {
    while (count >= 0x80) {
        out.push_back(static_cast<char>(count | 0x80));
        count >>= 7;
    }
    out.push_back(static_cast<char>(count));
}

template <class Container>
concept has_data = requires(const Container& c) { std::data(c); };

/// Whether a container's elements lie in memory as they do on the wire.
template <class Container>
inline constexpr bool is_block =
    std::endian::native == std::endian::little && has_data<Container> &&
    (kind_of<element_t<Container>> == wire_kind::number || std::is_same_v<element_t<Container>, std::byte>);

template <class Container>
void append_block(std::string& out, const Container& values) {
    // An empty vector's data() may be null, which append() does not promise to take.
    if (std::size(values) == 0) return;
    out.append(reinterpret_cast<const char*>(std::data(values)), std::size(values) * sizeof(element_t<Container>));
}

/// Appends `value` to sink.out. The sink also has object(), for what only a cereal archive can take apart.
template <class Sink, class T>
void encode_value(Sink& sink, const T& value);

template <class Sink, class T>
void encode_elements(Sink& sink, const T& values) {
    if constexpr (is_block<T>) {
        append_block(sink.out, values);
    } else {
        for (const auto& one : values) encode_value(sink, one);
    }
}

template <class Sink, class T>
void encode_scalar(Sink& sink, const T& value) {
    if constexpr (kind_of<T> == wire_kind::boolean) {
        sink.out.push_back(value ? '\1' : '\0');
    } else if constexpr (kind_of<T> == wire_kind::enumeration) {
        encode_scalar(sink, static_cast<std::underlying_type_t<T>>(value));
    } else {
        append_number(sink.out, value);
    }
}

template <class Sink, class T>
void encode_value(Sink& sink, const T& value) {
    refuse_unsendable<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean || kind == wire_kind::number || kind == wire_kind::enumeration) {
        encode_scalar(sink, value);
    } else if constexpr (kind == wire_kind::text) {
        append_count(sink.out, value.size());
        sink.out.append(value);
    } else if constexpr (kind == wire_kind::sequence) {
        append_count(sink.out, value.size());
        if constexpr (std::is_same_v<element_t<T>, bool>) {
            for (const bool one : value) encode_scalar(sink, one);
        } else {
            encode_elements(sink, value);
        }
    } else if constexpr (kind == wire_kind::array) {
        encode_elements(sink, value);
    } else if constexpr (kind == wire_kind::set) {
        append_count(sink.out, value.size());
        for (const auto& one : value) encode_value(sink, one);
    } else if constexpr (kind == wire_kind::map) {
        append_count(sink.out, value.size());
        for (const auto& [key, mapped] : value) {
            encode_value(sink, key);
            encode_value(sink, mapped);
        }
    } else if constexpr (kind == wire_kind::optional) {
        encode_scalar(sink, static_cast<bool>(value));
        if (value) encode_value(sink, *value);
    } else if constexpr (kind == wire_kind::variant) {
        append_count(sink.out, value.index());
        std::visit([&sink](const auto& held) { encode_value(sink, held); }, value);
    } else if constexpr (kind == wire_kind::tuple) {
        std::apply([&sink](const auto&... parts) { (encode_value(sink, parts), ...); }, value);
    } else if constexpr (kind == wire_kind::duration) {
        encode_value(sink, value.count());
    } else if constexpr (kind == wire_kind::time_point) {
        encode_value(sink, value.time_since_epoch());
    } else if constexpr (kind == wire_kind::named) {
        encode_value(sink, value.value);
    } else if constexpr (kind != wire_kind::nothing) {
        sink.object(value);
    }
}

}  // namespace sheaf::detail
