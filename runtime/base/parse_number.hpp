// Numbers from text that somebody else wrote: command lines, environments, packets, files.
#pragma once

#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace sheaf {

/// All of `text` as a decimal number; none when it is empty, holds anything else (blanks and a plus sign, too), or is out of
/// Number's range.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) noexcept {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [read_to, fault] = std::from_chars(text.data(), end, number);
    if (fault != std::errc{} || read_to != end) return std::nullopt;
    return number;
}

/// The number that `text` begins with: 0 when it begins with none (blanks are not skipped), and the nearest Number when it is
/// out of range. For fields that gearmand reads with atoi.
template <std::integral Number>
[[nodiscard]] Number leading_number(std::string_view text) noexcept {
    Number number{};
    const auto [read_to, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc::result_out_of_range) return number;
    return text.front() == '-' ? std::numeric_limits<Number>::min() : std::numeric_limits<Number>::max();
}

}  // namespace sheaf
