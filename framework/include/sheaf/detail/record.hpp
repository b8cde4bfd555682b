// How keys, values and records are written in segment files. Not for users.
//
// A record is: varint(key length), key, value. Values of unsigned and signed integers are one varint (signed ones
// zigzagged); all others are varint(length), bytes.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <sheaf/detail/malformed_record.hpp>
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

}  // namespace sheaf::detail
