// The hash by which keys are spread over partitions and found in tables. Not for users.
//
// It is our own, and fixed: every process of a run, whatever its build, machine and library versions, must send a key to
// the same partition. Changing it needs a new version of the segment format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

/// The two halves of the 128-bit product, xored.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t hash_key_low = 0x9e3779b97f4a7c15;
inline constexpr std::uint64_t hash_key_high = 0xd1342543de82ef95;
inline constexpr std::uint64_t hash_key_length = 0xaf251af3b0f025b5;

/// Of keys of up to 15 bytes: fold(low ^ hash_key_low, high ^ hash_key_high), where low and high are the key's bytes, padded
/// with zeros to 15 bytes and followed by one byte with the length, as little-endian words.
[[nodiscard]] inline std::uint64_t stable_hash(const short_key& key) noexcept {
    return fold(key.low ^ hash_key_low, key.high ^ hash_key_high);
}

/// Of longer keys: starting with h = length * hash_key_length, each 16 bytes (low, high) give
/// h = fold(low ^ hash_key_low ^ h, high ^ hash_key_high); the last step takes the key's last 16 bytes, which may overlap
/// the step before.
[[nodiscard]] inline std::uint64_t stable_hash(std::string_view key) noexcept {
    if (key.size() <= short_key::bytes_max) return stable_hash(short_key::of(key.data(), key.size()));
    std::uint64_t h = key.size() * hash_key_length;
    const auto step = [&h](const char* at) {
        h = fold(load_little_endian<std::uint64_t>(at) ^ hash_key_low ^ h,
                 load_little_endian<std::uint64_t>(at + 8) ^ hash_key_high);
    };
    const char* const last = key.data() + key.size() - 16;
    for (const char* at = key.data(); at < last; at += 16) step(at);
    step(last);
    return h;
}

/// Which of `partitions` a key belongs to. Uses the hash's topmost bits; tables use the others.
[[nodiscard]] inline std::uint32_t partition_of(std::uint64_t hash, std::uint32_t partitions) noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint32_t>((static_cast<wide>(hash) * partitions) >> 64);
}

}  // namespace sheaf::detail
