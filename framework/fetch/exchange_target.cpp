#include "fetch/exchange_target.hpp"

#include <algorithm>

namespace sheaf::fetch {
namespace {

constexpr std::string_view inputs = "input/";
constexpr std::size_t run_id_max = 64;
constexpr std::size_t name_max = 255;
constexpr std::size_t path_max = 4096;

bool is_letter_or_digit(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int digit_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.empty() || text.size() % 2 != 0 || text.size() > 2 * path_max) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

}  // namespace

bool is_run_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= run_id_max && std::ranges::all_of(text, is_letter_or_digit);
}

bool is_plain_name(std::string_view text) noexcept {
    const auto fits = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; };
    return !text.empty() && text.size() <= name_max && text.front() != '.' && std::ranges::all_of(text, fits);
}

std::optional<exchange_target> parse_target(std::string_view path) {
    using kind = exchange_target::kind;
    if (!path.starts_with('/')) return std::nullopt;
    path.remove_prefix(1);
    const auto slash = path.find('/');
    const std::string_view run = path.substr(0, slash);
    if (!is_run_id(run)) return std::nullopt;
    exchange_target result{kind::run, std::string(run), {}};
    if (slash == std::string_view::npos) return result;
    const std::string_view rest = path.substr(slash + 1);
    if (rest.starts_with(inputs)) {
        auto name = from_hex(rest.substr(inputs.size()));
        if (!name) return std::nullopt;
        result.what = kind::input;
        result.name = std::move(*name);
        return result;
    }
    if (!is_plain_name(rest)) return std::nullopt;
    result.what = kind::file;
    result.name = rest;
    return result;
}

std::string to_string(const exchange_target& of) {
    using kind = exchange_target::kind;
    const std::string run = "/" + of.run;
    if (of.what == kind::run) return run;
    return run + "/" + (of.what == kind::input ? std::string(inputs) + to_hex(of.name) : of.name);
}

}  // namespace sheaf::fetch
