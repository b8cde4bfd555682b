// The Range header of requests and the Content-Range header of answers (RFC 9110, section 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sheaf::fetch {

struct byte_range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// What a request gets of something.
struct range_choice {
    enum class kind { whole, part, unsatisfiable };

    kind what = kind::whole;
    byte_range part;  ///< of kind::whole: all of it

    friend bool operator==(const range_choice&, const range_choice&) = default;
};

/// What `header`, the value of Range, asks for of `size` bytes. A header that is none, or that asks for several ranges, counts
/// as not given, as the standard allows.
[[nodiscard]] range_choice choose_range(std::string_view header, std::uint64_t size) noexcept;

/// The value of a Range header for these bytes. `length` is not 0.
[[nodiscard]] std::string range_header(const byte_range& what);

/// The value of the Content-Range header for `part` of `size` bytes.
[[nodiscard]] std::string content_range_header(const byte_range& part, std::uint64_t size);

struct content_range {
    byte_range part;
    std::uint64_t size = 0;  ///< of the whole

    friend bool operator==(const content_range&, const content_range&) = default;
};

/// None when it makes no sense, or does not say how large the whole is.
[[nodiscard]] std::optional<content_range> parse_content_range(std::string_view header) noexcept;

}  // namespace sheaf::fetch
