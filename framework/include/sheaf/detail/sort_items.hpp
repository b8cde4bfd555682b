// Sorting references to records by their keys' bytes. Not for users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sheaf::detail {

/// A record in an arena, with 8 bytes of its key.
struct sort_item {
    static constexpr unsigned offset_bits = 60;
    static constexpr std::size_t long_key = 9;

    std::uint64_t prefix;
    // The record's offset in the arena, and above it the key's size, or long_key when it is more than the prefix. Of equal prefixes
    // that are whole keys, the shorter key is less, and equal keys keep their order: one comparison.
    std::uint64_t size_and_offset;

    [[nodiscard]] static sort_item of(std::uint64_t prefix, std::size_t key_size, std::size_t offset) noexcept {
        return {prefix, std::uint64_t{std::min(key_size, long_key)} << offset_bits | offset};
    }
    [[nodiscard]] std::size_t offset() const noexcept {
        return size_and_offset & ((std::uint64_t{1} << offset_bits) - 1);
    }
    [[nodiscard]] bool has_long_key() const noexcept { return size_and_offset >> offset_bits == long_key; }
};

/// Sorts items of records in `arena`, each of which begins with its key as records do; equal keys by their place. Afterwards
/// the items' prefixes mean nothing. In place.
void sort_items(std::span<sort_item> items, const char* arena);

}  // namespace sheaf::detail
