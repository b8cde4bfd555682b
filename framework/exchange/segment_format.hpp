// The fixed parts of segment files; the format is described in sheaf/detail/segment.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sheaf/detail/short_key.hpp>

namespace sheaf::detail::segment_format {

inline constexpr std::string_view magic = "SHEAFSEG";
inline constexpr std::string_view end_magic = "SHEAFEND";
inline constexpr std::uint32_t version = 2;
inline constexpr std::uint32_t flag_sorted = 1;

/// What a block's checksum begins with: a block that is elsewhere than it was written, or unpacked otherwise, is noticed.
[[nodiscard]] inline std::uint64_t block_seed(std::uint64_t place, std::uint32_t unpacked) noexcept {
    return place ^ std::uint64_t{unpacked} << 32;
}

inline void append_u32(std::string& to, std::uint32_t number) {
    char bytes[sizeof number];
    store_little_endian(bytes, number);
    to.append(bytes, sizeof bytes);
}

inline void append_u64(std::string& to, std::uint64_t number) {
    char bytes[sizeof number];
    store_little_endian(bytes, number);
    to.append(bytes, sizeof bytes);
}

}  // namespace sheaf::detail::segment_format
