// Names that mean the same in a file system, a command line and a line of text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace sheaf {

/// Whether `text` is 1 to `size_max` of the characters A-Z a-z 0-9 . _ and -.
[[nodiscard]] constexpr bool is_plain_name(std::string_view text, std::size_t size_max) noexcept {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= size_max && std::ranges::all_of(text, is_plain);
}

}  // namespace sheaf
