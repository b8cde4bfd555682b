// How keys, values and records are written in segment files. Not for users.
//
// A record is: varint(key length), key, value. Values of unsigned and signed integers are one varint (signed ones
// zigzagged); all others are varint(length), bytes.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/codec.hpp>
#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

inline constexpr std::size_t varint_bytes_max = 10;

/// Seven bits a byte, lowest first; all bytes but the last have the top bit set. Returns the end. Needs varint_bytes_max.
inline char* write_varint(char* to, std::uint64_t value) noexcept {
    while (value >= 0x80) {
        *to++ = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    *to++ = static_cast<char>(value);
    return to;
}

/// Reads one varint from [from, end). Returns where it ends, or nullptr when it is cut off or above 64 bits.
inline const char* read_varint(const char* from, const char* end, std::uint64_t& value) noexcept {
    if (from != end && static_cast<unsigned char>(*from) < 0x80) [[likely]] {
        value = static_cast<unsigned char>(*from);
        return from + 1;
    }
    value = 0;
    for (unsigned shift = 0; from != end && shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(*from++);
        if (shift == 63 && byte > 1) return nullptr;
        value |= std::uint64_t{byte & 0x7fu} << shift;
        if (byte < 0x80) return from;
    }
    return nullptr;
}

/// How a record's value is delimited: by itself, or by a length before it.
enum class value_framing : std::uint32_t { varint = 1, sized = 2 };

/// One record where it lies.
struct record_view {
    std::string_view key;
    std::string_view value;    ///< of value_framing::sized
    std::uint64_t number = 0;  ///< of value_framing::varint: the value; else its length
    std::string_view whole;    ///< all its bytes
};

/// Reads the record that begins at `from`. False when there is none that ends at or before `end`.
[[nodiscard]] inline bool read_record(const char* from, const char* end, value_framing framing,
                                      record_view& into) noexcept {
    std::uint64_t length = 0;
    const char* at = read_varint(from, end, length);
    if (at == nullptr || length > static_cast<std::size_t>(end - at)) return false;
    into.key = {at, static_cast<std::size_t>(length)};
    at = read_varint(at + length, end, into.number);
    if (at == nullptr) return false;
    if (framing == value_framing::sized) {
        if (into.number > static_cast<std::size_t>(end - at)) return false;
        into.value = {at, static_cast<std::size_t>(into.number)};
        at += into.number;
    }
    into.whole = {from, static_cast<std::size_t>(at - from)};
    return true;
}

/// What is thrown for bytes that are no record of the expected type. Whoever knows the file adds its name.
struct malformed_record : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Whether values of type V are one varint and so need no length.
template <class V>
concept varint_value = std::integral<V> && !std::same_as<V, bool>;

template <varint_value V>
[[nodiscard]] constexpr std::uint64_t to_varint(V value) noexcept {
    if constexpr (std::unsigned_integral<V>) {
        return value;
    } else {
        const auto wide = static_cast<std::int64_t>(value);
        return static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63);
    }
}

/// Throws malformed_record when `number` is out of V's range.
template <varint_value V>
[[nodiscard]] constexpr V from_varint(std::uint64_t number) {
    if constexpr (std::unsigned_integral<V>) {
        if (number > std::numeric_limits<V>::max()) throw malformed_record("a value is out of its type's range");
        return static_cast<V>(number);
    } else {
        const auto wide = static_cast<std::int64_t>(number >> 1 ^ (0 - (number & 1)));
        if (wide < std::numeric_limits<V>::min() || wide > std::numeric_limits<V>::max()) {
            throw malformed_record("a value is out of its type's range");
        }
        return static_cast<V>(wide);
    }
}

/// How a value that is not one varint becomes bytes: by the codec that calls use, but text and numbers as they are.
template <class T>
struct bytes_codec {
    static void append(std::string& to, const T& value) { encode_to(to, value); }
    static T read(std::string_view bytes) {
        try {
            return decode<T>(bytes);
        } catch (const decode_error& why) {
            throw malformed_record(why.what());
        }
    }
};

template <>
struct bytes_codec<std::string> {
    static void append(std::string& to, const std::string& value) { to += value; }
    static std::string read(std::string_view bytes) { return std::string(bytes); }
};

template <class T>
    requires std::floating_point<T> || std::same_as<T, bool>
struct bytes_codec<T> {
    using word = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;
    static_assert(sizeof(T) == sizeof(word), "long double has no format that is the same on every machine");

    static void append(std::string& to, T value) {
        char bytes[sizeof(word)];
        if constexpr (std::same_as<T, bool>) {
            store_little_endian(bytes, static_cast<word>(value ? 1 : 0));
        } else {
            store_little_endian(bytes, std::bit_cast<word>(value));
        }
        to.append(bytes, sizeof bytes);
    }
    static T read(std::string_view bytes) {
        if (bytes.size() != sizeof(word)) throw malformed_record("a number has the wrong size");
        const auto number = load_little_endian<word>(bytes.data());
        if constexpr (std::same_as<T, bool>) {
            if (number > 1) throw malformed_record("a truth value is neither 0 nor 1");
            return number == 1;
        } else {
            return std::bit_cast<T>(number);
        }
    }
};

/// How keys become bytes, so that comparing the bytes orders the keys. `view` is what reducers are given.
template <class K>
struct key_codec {
    using argument = const K&;
    using view = K;

    static std::string_view write(const K& key, std::string& scratch) {
        scratch.clear();
        bytes_codec<K>::append(scratch, key);
        return scratch;
    }
    static K read(std::string_view bytes) { return bytes_codec<K>::read(bytes); }
};

/// Text is its own bytes.
template <>
struct key_codec<std::string> {
    using argument = std::string_view;
    using view = std::string_view;

    static std::string_view write(std::string_view key, std::string&) noexcept { return key; }
    static std::string_view read(std::string_view bytes) noexcept { return bytes; }
};

/// Integers are written big-endian, signed ones with the sign bit flipped: bytewise order is the natural order.
template <std::integral K>
struct key_codec<K> {
    using argument = K;
    using view = K;
    using word = typename std::conditional_t<std::same_as<K, bool>, std::type_identity<std::uint8_t>,
                                             std::make_unsigned<K>>::type;
    static constexpr word flipped =
        std::signed_integral<K> ? static_cast<word>(word{1} << (8 * sizeof(word) - 1)) : word{0};

    static std::string_view write(K key, std::string& scratch) {
        scratch.resize(sizeof(word));
        auto bits = static_cast<word>(static_cast<word>(key) ^ flipped);
        for (std::size_t i = sizeof(word); i-- > 0; bits = static_cast<word>(std::uint64_t{bits} >> 8)) {
            scratch[i] = static_cast<char>(bits & 0xff);
        }
        return scratch;
    }
    static K read(std::string_view bytes) {
        if (bytes.size() != sizeof(word)) throw malformed_record("a key has the wrong size");
        std::uint64_t bits = 0;
        for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
        return static_cast<K>(static_cast<word>(bits) ^ flipped);
    }
};

}  // namespace sheaf::detail
