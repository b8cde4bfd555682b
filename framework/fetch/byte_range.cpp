#include "fetch/byte_range.hpp"

#include <algorithm>
#include <utility>

#include "base/parse_number.hpp"

namespace sheaf::fetch {
namespace {

constexpr std::string_view unit = "bytes";

using number = std::optional<std::uint64_t>;

// The two sides of a dash; nothing when there is none.
std::optional<std::pair<std::string_view, std::string_view>> sides_of(std::string_view text, char sign) {
    const auto at = text.find(sign);
    if (at == std::string_view::npos) return std::nullopt;
    return std::pair(text.substr(0, at), text.substr(at + 1));
}

}  // namespace

range_choice choose_range(std::string_view header, std::uint64_t size) noexcept {
    using kind = range_choice::kind;
    const range_choice whole{kind::whole, {0, size}};
    const range_choice nothing{kind::unsatisfiable, {}};
    if (!header.starts_with(unit) || !header.substr(unit.size()).starts_with('=')) return whole;
    const auto sides = sides_of(header.substr(unit.size() + 1), '-');
    if (!sides) return whole;
    const number first = parse_number<std::uint64_t>(sides->first);
    const number last = parse_number<std::uint64_t>(sides->second);
    if (sides->first.empty() && last) {  // the last so many bytes
        if (*last == 0 || size == 0) return nothing;
        const std::uint64_t length = std::min(*last, size);
        return {kind::part, {size - length, length}};
    }
    if (!first || (!last && !sides->second.empty()) || (last && *last < *first)) return whole;
    if (*first >= size) return nothing;
    const std::uint64_t end = last && *last < size - 1 ? *last + 1 : size;
    return {kind::part, {*first, end - *first}};
}

std::string range_header(const byte_range& what) {
    return std::string(unit) + "=" + std::to_string(what.offset) + "-" + std::to_string(what.offset + what.length - 1);
}

std::string content_range_header(const byte_range& part, std::uint64_t size) {
    const std::string of = "/" + std::to_string(size);
    if (part.length == 0) return std::string(unit) + " *" + of;
    return std::string(unit) + " " + std::to_string(part.offset) + "-" + std::to_string(part.offset + part.length - 1) +
           of;
}

std::optional<content_range> parse_content_range(std::string_view header) noexcept {
    if (!header.starts_with(unit) || !header.substr(unit.size()).starts_with(' ')) return std::nullopt;
    const auto halves = sides_of(header.substr(unit.size() + 1), '/');
    if (!halves) return std::nullopt;
    const number size = parse_number<std::uint64_t>(halves->second);
    if (!size) return std::nullopt;
    if (halves->first == "*") return content_range{{0, 0}, *size};
    const auto sides = sides_of(halves->first, '-');
    if (!sides) return std::nullopt;
    const number first = parse_number<std::uint64_t>(sides->first);
    const number last = parse_number<std::uint64_t>(sides->second);
    if (!first || !last || *last < *first || *last >= *size) return std::nullopt;
    return content_range{{*first, *last - *first + 1}, *size};
}

}  // namespace sheaf::fetch
