// The letters of JSON: UTF-8, escapes, base64, and paths to values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sheaf::detail {

/// Where the first bytes are that are not UTF-8 (overlong forms and surrogates are not); npos when there are none.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD in place of what is not UTF-8.
[[nodiscard]] std::string mended_utf8(std::string_view text);

/// Appends `text` in quotes.
void append_quoted(std::string& out, std::string_view text);

/// Appends `data` in base64, with padding.
void append_base64(std::string& out, std::string_view data);

inline constexpr std::size_t not_base64 = static_cast<std::size_t>(-1);
/// How many bytes `text` stands for; not_base64 unless it is exactly what append_base64 writes.
[[nodiscard]] std::size_t base64_size(std::string_view text) noexcept;
/// Writes those bytes.
void read_base64(std::string_view text, std::byte* to) noexcept;

/// Appends ".key", or ["odd key"], shortened.
void append_key_step(std::string& path, std::string_view key);
/// Appends "[index]".
void append_index_step(std::string& path, std::size_t index);

}  // namespace sheaf::detail
