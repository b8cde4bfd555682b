// How values become JSON. Not for users: see json.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

#include <sheaf/detail/json_writer.hpp>
#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

/// Whether a container is one block of bytes: a text in base64, then.
template <class Container>
inline constexpr bool is_byte_block =
    std::is_same_v<element_t<Container>, std::byte> && requires(const Container& c) { std::data(c); };

/// Whether a map is an object; with other keys, or several values to one, it is an array of pairs.
template <class Map>
inline constexpr bool is_json_object = kind_of<typename Map::key_type> == wire_kind::text && !allows_equal_keys<Map>;

/// Whether null is one of T's own values.
template <class T>
inline constexpr bool may_be_null = kind_of<T> == wire_kind::optional || kind_of<T> == wire_kind::nothing;

template <class T>
constexpr void refuse_unfit_for_json() {
    if constexpr (kind_of<T> == wire_kind::optional) {
        static_assert(!may_be_null<std::remove_cvref_t<decltype(*std::declval<T&>())>>,
                      "sheaf::json: an optional of something that may itself be null: JSON has only one null. Use a "
                      "std::variant, or a class with a field.");
    }
    static_assert(!std::is_arithmetic_v<T> || sizeof(T) <= 8, "sheaf::json: numbers have at most 64 bits.");
    static_assert(
        kind_of<T> != wire_kind::cereal_part || !requires(T& block) { block.data; },
        "sheaf::json: cereal::binary_data has no form in JSON. Use sheaf::bytes.");
}

/// Writes `value` to sink.json. The sink also has object(), for what only a cereal archive can take apart.
template <class Sink, class T>
void encode_json(Sink& sink, const T& value);

template <class T>
void encode_json_number(json_writer& json, T value) {
    if constexpr (std::is_floating_point_v<T>) {
        json.real(value);
    } else if constexpr (std::is_signed_v<T>) {
        json.integer(value);
    } else {
        json.whole(value);
    }
}

template <class Sink, class T>
void encode_json_list(Sink& sink, const T& values) {
    if constexpr (is_byte_block<T>) {
        sink.json.bytes(std::data(values), std::size(values));
    } else {
        sink.json.open_array();
        if constexpr (std::is_same_v<element_t<T>, bool>) {
            for (const bool one : values) sink.json.boolean(one);
        } else {
            for (const auto& one : values) encode_json(sink, one);
        }
        sink.json.close();
    }
}

template <class Sink, class T>
void encode_json_map(Sink& sink, const T& values) {
    if constexpr (is_json_object<T>) {
        sink.json.open_object();
        for (const auto& [key, mapped] : values) {
            sink.json.key(key);
            encode_json(sink, mapped);
        }
    } else {
        sink.json.open_array();
        for (const auto& [key, mapped] : values) {
            sink.json.open_array();
            encode_json(sink, key);
            encode_json(sink, mapped);
            sink.json.close();
        }
    }
    sink.json.close();
}

template <class Sink, class T>
void encode_json_variant(Sink& sink, const T& value) {
    sink.json.open_object();
    sink.json.key("index");
    sink.json.whole(value.index());
    sink.json.key("data");
    std::visit([&sink](const auto& held) { encode_json(sink, held); }, value);
    sink.json.close();
}

template <class Sink, class T>
void encode_json_parts(Sink& sink, const T& value) {
    sink.json.open_array();
    std::apply([&sink](const auto&... parts) { (encode_json(sink, parts), ...); }, value);
    sink.json.close();
}

template <class Sink, class T>
void encode_json(Sink& sink, const T& value) {
    refuse_unsendable<T>();
    refuse_unfit_for_json<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean) {
        sink.json.boolean(value);
    } else if constexpr (kind == wire_kind::number) {
        encode_json_number(sink.json, value);
    } else if constexpr (kind == wire_kind::enumeration) {
        encode_json(sink, static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (kind == wire_kind::text) {
        sink.json.text(value);
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::array || kind == wire_kind::set) {
        encode_json_list(sink, value);
    } else if constexpr (kind == wire_kind::map) {
        encode_json_map(sink, value);
    } else if constexpr (kind == wire_kind::optional) {
        if (value) {
            encode_json(sink, *value);
        } else {
            sink.json.null();
        }
    } else if constexpr (kind == wire_kind::variant) {
        encode_json_variant(sink, value);
    } else if constexpr (kind == wire_kind::tuple) {
        encode_json_parts(sink, value);
    } else if constexpr (kind == wire_kind::duration) {
        encode_json(sink, value.count());
    } else if constexpr (kind == wire_kind::time_point) {
        encode_json(sink, value.time_since_epoch().count());
    } else if constexpr (kind == wire_kind::nothing) {
        sink.json.null();
    } else if constexpr (kind == wire_kind::named) {
        encode_json(sink, value.value);
    } else {
        sink.object(value);
    }
}

}  // namespace sheaf::detail
