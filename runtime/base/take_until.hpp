// Words of a text, one after the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace sheaf {

/// Takes off `text` what comes before the first `mark`, or all of it when there is none, and the mark; returns that without the
/// mark.
[[nodiscard]] constexpr std::string_view take_until(std::string_view& text, char mark) noexcept {
    const std::size_t end = std::min(text.find(mark), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

}  // namespace sheaf
