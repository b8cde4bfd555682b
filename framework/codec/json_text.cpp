#include "codec/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sheaf::detail {
namespace {

constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t shown_key_max = 64;

constexpr unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

constexpr bool continues(std::string_view text, std::size_t i) {
    return i < text.size() && (byte_at(text, i) & 0xc0U) == 0x80;
}

// How many bytes the character at `i` takes; 0 when it is none.
constexpr std::size_t utf8_length(std::string_view text, std::size_t i) {
    const unsigned char first = byte_at(text, i);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4 || !continues(text, i + 1)) return 0;
    if (first < 0xe0) return 2;
    const unsigned char second = byte_at(text, i + 1);
    if (!continues(text, i + 2)) return 0;
    if (first < 0xf0) {
        const bool overlong = first == 0xe0 && second < 0xa0;
        const bool surrogate = first == 0xed && second >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    const bool overlong = first == 0xf0 && second < 0x90;
    const bool beyond_unicode = first == 0xf4 && second >= 0x90;
    return overlong || beyond_unicode || !continues(text, i + 3) ? 0 : 4;
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    const auto code = static_cast<unsigned char>(c);
    out += "\\u00";
    out += digits[code >> 4U];
    out += digits[code & 0xfU];
}

constexpr bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

constexpr std::uint8_t no_letter = 64;
constexpr auto letter_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_letter);
    for (std::size_t i = 0; i < base64_letters.size(); ++i) {
        values[static_cast<unsigned char>(base64_letters[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

constexpr std::uint8_t value_of(char c) { return letter_values[static_cast<unsigned char>(c)]; }

constexpr bool is_plain_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 0) return i;
        i += length;
    }
    return std::string_view::npos;
}

std::string mended_utf8(std::string_view text) {
    std::string mended;
    for (;;) {
        const std::size_t bad = find_invalid_utf8(text);
        mended += text.substr(0, bad);
        if (bad == std::string_view::npos) return mended;
        mended += "\xef\xbf\xbd";
        text.remove_prefix(bad + 1);
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto* const odd = std::ranges::find_if(text, needs_escape);
        const auto plain = static_cast<std::size_t>(odd - text.begin());
        out.append(text.substr(0, plain));
        if (plain == text.size()) break;
        append_escaped(out, text[plain]);
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

void append_base64(std::string& out, std::string_view data) {
    for (std::size_t i = 0; i < data.size(); i += 3) {
        const std::size_t held = std::min<std::size_t>(3, data.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) bits = bits << 8U | (k < held ? byte_at(data, i + k) : 0U);
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= held ? base64_letters[bits >> (18 - 6 * k) & 63U] : '=';
        }
    }
}

std::size_t base64_size(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return not_base64;
    if (text.empty()) return 0;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    const std::string_view letters = text.substr(0, text.size() - padding);
    if (!std::ranges::all_of(letters, [](char c) { return value_of(c) != no_letter; })) return not_base64;
    // What is left over of the last letter must be 0, or two texts would mean the same.
    const unsigned unused = padding == 2 ? 0xfU : padding == 1 ? 0x3U : 0U;
    if ((value_of(letters.back()) & unused) != 0) return not_base64;
    return text.size() / 4 * 3 - padding;
}

void read_base64(std::string_view text, std::byte* to) noexcept {
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        if (c == '=') break;
        bits = bits << 6U | value_of(c);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        *to++ = static_cast<std::byte>(bits >> held & 0xffU);
    }
}

void append_key_step(std::string& path, std::string_view key) {
    if (is_plain_key(key) && key.size() <= shown_key_max) {
        if (!path.empty()) path += '.';
        path += key;
        return;
    }
    path += '[';
    if (key.size() <= shown_key_max) {
        append_quoted(path, key);
    } else {
        std::size_t cut = shown_key_max;
        while (cut > 0 && continues(key, cut)) --cut;
        append_quoted(path, key.substr(0, cut));
        path += "...";
    }
    path += ']';
}

void append_index_step(std::string& path, std::size_t index) { path += "[" + std::to_string(index) + "]"; }

}  // namespace sheaf::detail
