// How JSON becomes values, whoever wrote it. Not for users: see json.hpp.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <sheaf/detail/decode_value.hpp>
#include <sheaf/detail/json_encode.hpp>
#include <sheaf/detail/json_reader.hpp>

namespace sheaf::detail {

/// Reads `value` from where source.json stands. The source also has object(), for what only a cereal archive can put
/// together.
template <class Source, class T>
void decode_json(Source& source, T& value);

template <class T>
void decode_json_number(const json_reader& json, T& value) {
    if constexpr (std::is_floating_point_v<T>) {
        json.real(value);
    } else if constexpr (std::is_signed_v<T>) {
        value = static_cast<T>(json.integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    } else {
        value = static_cast<T>(json.whole(std::numeric_limits<T>::max()));
    }
}

template <class Source, class T>
void decode_json_enum(Source& source, T& value) {
    std::underlying_type_t<T> number{};
    decode_json(source, number);
    value = static_cast<T>(number);
    if constexpr (requires { enum_range<T>::first; }) {
        if (value < enum_range<T>::first || value > enum_range<T>::last)
            source.json.fail("an enum is out of its range");
    }
}

template <class Source, class T>
void decode_json_sequence(Source& source, T& value) {
    using element = element_t<T>;
    value.clear();
    if constexpr (is_byte_block<T>) {
        const std::size_t size = source.json.bytes_size();
        source.json.charge(size);
        value.resize(size);
        source.json.bytes(value.data());
    } else {
        const json_reader::scope inside(source.json);
        const std::size_t size = source.json.enter_array();
        source.json.charge(size, sizeof(element));
        if constexpr (requires { value.reserve(size); }) value.reserve(size);  // so many stand there
        for (std::size_t i = 0; i < size; ++i) {
            source.json.next_element();
            if constexpr (std::is_same_v<element, bool>) {
                value.push_back(source.json.boolean());
            } else {
                decode_json(source, value.emplace_back());
            }
        }
    }
}

template <class Source, class T>
void decode_json_array(Source& source, T& value) {
    if constexpr (is_byte_block<T>) {
        if (source.json.bytes_size() != array_length<T>) {
            source.json.fail(std::to_string(array_length<T>) + " bytes are expected");
        }
        source.json.bytes(std::data(value));
    } else {
        const json_reader::scope inside(source.json);
        source.json.enter_array();
        for (auto& one : value) {
            source.json.next_element();
            decode_json(source, one);
        }
        source.json.finish();
    }
}

template <class Source, class T>
void decode_json_set(Source& source, T& value) {
    using element = element_t<T>;
    const json_reader::scope inside(source.json);
    const std::size_t size = source.json.enter_array();
    source.json.charge(size, sizeof(element) + node_overhead);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) {
        source.json.next_element();
        element one{};
        decode_json(source, one);
        value.emplace_hint(value.end(), std::move(one));
        if (!allows_equal_keys<T> && value.size() != i + 1) source.json.fail("the set holds this value twice");
    }
}

template <class Source, class T>
void decode_json_object(Source& source, T& value) {
    using mapped_type = typename T::mapped_type;
    const json_reader::scope inside(source.json);
    const std::size_t size = source.json.enter_object();
    source.json.charge(size, sizeof(typename T::value_type) + node_overhead);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) {
        const std::string_view key = source.json.next_member();
        source.json.charge(key.size());
        mapped_type mapped{};
        decode_json(source, mapped);
        value.emplace_hint(value.end(), typename T::key_type(key), std::move(mapped));
        if (value.size() != i + 1) source.json.fail("the key is there twice");
    }
}

template <class Source, class T>
void decode_json_pairs(Source& source, T& value) {
    using pair = std::pair<typename T::key_type, typename T::mapped_type>;
    const json_reader::scope inside(source.json);
    const std::size_t size = source.json.enter_array();
    source.json.charge(size, sizeof(pair) + node_overhead);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) {
        source.json.next_element();
        pair one{};
        decode_json(source, one);
        value.emplace_hint(value.end(), std::move(one));
        if (!allows_equal_keys<T> && value.size() != i + 1) source.json.fail("the map holds this key twice");
    }
}

template <class Source, class T>
void decode_json_optional(Source& source, T& value) {
    using held = std::remove_cvref_t<decltype(*value)>;
    value.reset();
    if (source.json.is_null()) return;
    if constexpr (is_owning_pointer<T>) {
        source.json.charge(sizeof(held));
        value = std::make_unique<held>();
    } else {
        value.emplace();
    }
    decode_json(source, *value);
}

template <class Source, class... T>
void decode_json_variant(Source& source, std::variant<T...>& value) {
    const json_reader::scope inside(source.json);
    source.json.enter_class();
    source.json.field("index");
    const std::uint64_t index = source.json.whole(sizeof...(T) - 1);
    source.json.field("data");
    const auto alternative = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        if (index == I) decode_json(source, value.template emplace<I>());
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (alternative(std::integral_constant<std::size_t, I>{}), ...);
    }(std::index_sequence_for<T...>{});
    source.json.finish();
}

template <class Source, class T>
void decode_json_parts(Source& source, T& value) {
    const json_reader::scope inside(source.json);
    source.json.enter_array();
    const auto part = [&source](auto& one) {
        source.json.next_element();
        decode_json(source, one);
    };
    std::apply([&part](auto&... parts) { (part(parts), ...); }, value);
    source.json.finish();
}

template <class Source, class T>
void decode_json_text(Source& source, T& value) {
    const std::string_view text = source.json.text();
    source.json.charge(text.size());
    value.assign(text);
}

template <class Source, class T>
void decode_json(Source& source, T& value) {
    refuse_unsendable<T>();
    refuse_unfit_for_json<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean) {
        value = source.json.boolean();
    } else if constexpr (kind == wire_kind::number) {
        decode_json_number(source.json, value);
    } else if constexpr (kind == wire_kind::enumeration) {
        decode_json_enum(source, value);
    } else if constexpr (kind == wire_kind::text) {
        decode_json_text(source, value);
    } else if constexpr (kind == wire_kind::sequence) {
        decode_json_sequence(source, value);
    } else if constexpr (kind == wire_kind::array) {
        decode_json_array(source, value);
    } else if constexpr (kind == wire_kind::set) {
        decode_json_set(source, value);
    } else if constexpr (kind == wire_kind::map) {
        if constexpr (is_json_object<T>) {
            decode_json_object(source, value);
        } else {
            decode_json_pairs(source, value);
        }
    } else if constexpr (kind == wire_kind::optional) {
        decode_json_optional(source, value);
    } else if constexpr (kind == wire_kind::variant) {
        decode_json_variant(source, value);
    } else if constexpr (kind == wire_kind::tuple) {
        decode_json_parts(source, value);
    } else if constexpr (kind == wire_kind::duration) {
        typename T::rep ticks{};
        decode_json(source, ticks);
        value = T(ticks);
    } else if constexpr (kind == wire_kind::time_point) {
        typename T::duration since_epoch{};
        decode_json(source, since_epoch);
        value = T(since_epoch);
    } else if constexpr (kind == wire_kind::nothing) {
        source.json.null();
    } else if constexpr (kind == wire_kind::named) {
        decode_json(source, value.value);
    } else {
        source.object(value);
    }
}

}  // namespace sheaf::detail
