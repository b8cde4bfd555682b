// How bytes become values, whoever sent them: nothing is allocated on a claim. Not for users: see codec.hpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sheaf/detail/encode_value.hpp>

namespace sheaf {

/// Bytes do not encode what they should. The text says what is wrong and where: at which byte or, in JSON, at which value.
class decode_error : public std::runtime_error {
  public:
    explicit decode_error(const std::string& what);
    decode_error(const std::string& what, std::size_t offset);
    /// The byte, or 0 when the text names a value.
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  private:
    std::size_t offset_ = 0;
};

/// What decoding may cost. Aggregate.
struct decode_limits {
    unsigned depth = 64;          ///< how deep values may be nested
    std::size_t expansion = 256;  ///< how many bytes in memory one encoded byte may become, on average ...
    std::size_t allowance = std::size_t{1} << 20;  ///< ... above this many bytes
};

/// Specialize it to have an enum's range checked when it is decoded:
///     template <> struct sheaf::enum_range<color> { static constexpr color first = color::red, last = color::blue; };
template <class Enum>
struct enum_range {};

namespace detail {

[[noreturn]] void throw_decode_error(const char* what, std::size_t offset);

/// A cursor over encoded bytes, with what may still be spent.
class byte_source {
  public:
    byte_source(std::string_view bytes, const decode_limits& limits) noexcept
        : begin_(bytes.data()),
          at_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          budget_(limits.allowance + bytes.size() * limits.expansion),
          depth_left_(limits.depth) {}

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] std::size_t consumed() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
    [[noreturn]] void fail(const char* what) const { throw_decode_error(what, consumed()); }

    /// The next `size` bytes.
    const char* take(std::size_t size) {
        if (size > left()) fail("the bytes end in the middle of a value");
        return std::exchange(at_, at_ + size);
    }
    template <class T>
    T number() {
        T value;
        std::memcpy(&value, take(sizeof(T)), sizeof(T));
        return wire_order(value);
    }
    bool mark() {
        const auto byte = number<std::uint8_t>();
        if (byte > 1) fail("a truth value is neither 0 nor 1");
        return byte == 1;
    }
    std::uint64_t varint();
    /// A number of elements of which each takes at least `min_size` bytes here, and `in_memory` bytes when decoded.
    std::size_t count(std::size_t min_size, std::size_t in_memory) {
        const std::uint64_t claimed = varint();
        if (min_size != 0 && claimed > left() / min_size) fail("more elements are claimed than there are bytes");
        if (claimed > std::numeric_limits<std::size_t>::max() / (in_memory + 1)) fail("a count is out of range");
        charge(static_cast<std::size_t>(claimed) * in_memory);
        return static_cast<std::size_t>(claimed);
    }
    /// Accounts for `bytes` of memory that the decoded value takes.
    void charge(std::size_t bytes) {
        if (bytes > budget_) fail("the decoded value would be far larger than its bytes allow for");
        budget_ -= bytes;
    }
    void expect_end() const {
        if (left() != 0) fail("bytes follow the end of the value");
    }

    /// Counts one level of nesting while it lives.
    class level {
      public:
        explicit level(byte_source& of) : of_(of) {
            if (of_.depth_left_ == 0) of_.fail("values are nested too deep");
            --of_.depth_left_;
        }
        ~level() { ++of_.depth_left_; }
        level(const level&) = delete;
        level& operator=(const level&) = delete;

      private:
        byte_source& of_;
    };

  private:
    const char* begin_;
    const char* at_;
    const char* end_;
    std::size_t budget_;
    unsigned depth_left_;
};

/// Reads `value` from `source`, a byte_source that also has object(), for what only a cereal archive can put together.
template <class Source, class T>
void decode_value(Source& source, T& value);

template <class Source, class T>
void decode_scalar(Source& source, T& value) {
    if constexpr (kind_of<T> == wire_kind::boolean) {
        value = source.mark();
    } else if constexpr (kind_of<T> == wire_kind::enumeration) {
        value = static_cast<T>(source.template number<std::underlying_type_t<T>>());
        if constexpr (requires { enum_range<T>::first; }) {
            if (value < enum_range<T>::first || value > enum_range<T>::last) source.fail("an enum is out of its range");
        }
    } else {
        value = source.template number<T>();
    }
}

template <class Source, class T>
void decode_text(Source& source, T& value) {
    const std::size_t size = source.count(1, 1);
    value.assign(source.take(size), size);
}

template <class Source, class T>
void decode_sequence(Source& source, T& value) {
    using element = element_t<T>;
    const std::size_t size = source.count(min_encoded_size<element>(), sizeof(element));
    value.clear();
    if constexpr (is_block<T>) {
        value.resize(size);
        if (size != 0) std::memcpy(value.data(), source.take(size * sizeof(element)), size * sizeof(element));
    } else if constexpr (std::is_same_v<element, bool>) {
        for (std::size_t i = 0; i < size; ++i) value.push_back(source.mark());
    } else {
        if constexpr (requires { value.reserve(size); }) value.reserve(size);
        for (std::size_t i = 0; i < size; ++i) decode_value(source, value.emplace_back());
    }
}

template <class Source, class T>
void decode_array(Source& source, T& value) {
    if constexpr (is_block<T>) {
        std::memcpy(std::data(value), source.take(sizeof(value)), sizeof(value));
    } else {
        for (auto& one : value) decode_value(source, one);
    }
}

/// What a node of a tree or hash table takes besides its element, roughly.
inline constexpr std::size_t node_overhead = 4 * sizeof(void*);

template <class Source, class T>
void decode_set(Source& source, T& value) {
    using element = element_t<T>;
    const std::size_t size = source.count(min_encoded_size<element>(), sizeof(element) + node_overhead);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) {
        element one{};
        decode_value(source, one);
        value.emplace_hint(value.end(), std::move(one));
        if (!allows_equal_keys<T> && value.size() != i + 1) source.fail("a set holds a value twice");
    }
}

template <class Source, class T>
void decode_map(Source& source, T& value) {
    using key_type = typename T::key_type;
    using mapped_type = typename T::mapped_type;
    const std::size_t size = source.count(min_encoded_size<key_type>() + min_encoded_size<mapped_type>(),
                                          sizeof(key_type) + sizeof(mapped_type) + node_overhead);
    value.clear();
    for (std::size_t i = 0; i < size; ++i) {
        key_type key{};
        mapped_type mapped{};
        decode_value(source, key);
        decode_value(source, mapped);
        value.emplace_hint(value.end(), std::move(key), std::move(mapped));
        if (!allows_equal_keys<T> && value.size() != i + 1) source.fail("a map holds a key twice");
    }
}

template <class Source, class T>
void decode_optional(Source& source, T& value) {
    using held = std::remove_cvref_t<decltype(*value)>;
    value.reset();
    if (!source.mark()) return;
    if constexpr (is_owning_pointer<T>) {
        source.charge(sizeof(held));
        value = std::make_unique<held>();
    } else {
        value.emplace();
    }
    decode_value(source, *value);
}

template <class Source, class... T>
void decode_variant(Source& source, std::variant<T...>& value) {
    const std::uint64_t index = source.varint();
    const auto alternative = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        if (index == I) decode_value(source, value.template emplace<I>());
    };
    if (index >= sizeof...(T)) source.fail("a variant has no such alternative");
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (alternative(std::integral_constant<std::size_t, I>{}), ...);
    }(std::index_sequence_for<T...>{});
}

template <class Source, class T>
void decode_nested(Source& source, T& value) {
    const byte_source::level nested(source);
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::sequence) {
        decode_sequence(source, value);
    } else if constexpr (kind == wire_kind::array) {
        decode_array(source, value);
    } else if constexpr (kind == wire_kind::set) {
        decode_set(source, value);
    } else if constexpr (kind == wire_kind::map) {
        decode_map(source, value);
    } else if constexpr (kind == wire_kind::optional) {
        decode_optional(source, value);
    } else if constexpr (kind == wire_kind::variant) {
        decode_variant(source, value);
    } else if constexpr (kind == wire_kind::tuple) {
        std::apply([&source](auto&... parts) { (decode_value(source, parts), ...); }, value);
    } else {
        source.object(value);
    }
}

template <class Source, class T>
void decode_value(Source& source, T& value) {
    refuse_unsendable<T>();
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (kind == wire_kind::boolean || kind == wire_kind::number || kind == wire_kind::enumeration) {
        decode_scalar(source, value);
    } else if constexpr (kind == wire_kind::text) {
        decode_text(source, value);
    } else if constexpr (kind == wire_kind::duration) {
        typename T::rep ticks{};
        decode_value(source, ticks);
        value = T(ticks);
    } else if constexpr (kind == wire_kind::time_point) {
        typename T::duration since_epoch{};
        decode_value(source, since_epoch);
        value = T(since_epoch);
    } else if constexpr (kind == wire_kind::named) {
        decode_value(source, value.value);
    } else if constexpr (kind != wire_kind::nothing) {
        decode_nested(source, value);
    }
}

}  // namespace detail
}  // namespace sheaf
