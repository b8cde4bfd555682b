// The beginning of a key as a number: most comparisons of keys end there. Not for users.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail {

/// The first 8 bytes of `key`, padded with zeros, as a number that compares as they do.
[[nodiscard]] inline std::uint64_t key_prefix(std::string_view key) noexcept {
    if (key.size() >= 8) [[likely]]
        return __builtin_bswap64(load_little_endian<std::uint64_t>(key.data()));
    return short_key::of(key.data(), key.size()).prefix();
}

}  // namespace sheaf::detail
