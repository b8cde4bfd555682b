// Numbers as people like to read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sheaf::detail {

/// Three digits or so and a binary unit: "0 B", "1.5 KiB", "64 MiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// With thousands apart: "1,000,001".
[[nodiscard]] std::string count_text(std::uint64_t count);
/// "3 words", "1 word": the count, and `one` with an s unless it is one.
[[nodiscard]] std::string count_text(std::uint64_t count, const char* one);
/// "0.12 s", "12.3 s", "4 min 5 s", "2 h 3 min".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds time);

}  // namespace sheaf::detail
