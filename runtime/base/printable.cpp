#include "base/printable.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace sheaf {
namespace {

struct character {
    std::size_t bytes = 1;
    std::uint32_t code = 0;
    bool valid = false;
};

// The first character of `text`, which is not empty. What is no UTF-8 is one invalid byte.
character first_character(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {1, lead, true};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
    std::uint32_t code = lead & (0x7FU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        code = code << 6U | (byte(i) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (code < least[bytes] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {bytes, code, true};
}

// C0, DEL, C1, the separators of lines and paragraphs, and what turns the direction of writing.
bool is_control(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0x200E ||
           code == 0x200F || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void append_formatted(std::string& to, const char* format, unsigned number) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), format, number);
    to += text.data();
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const character one = first_character(text);
        const std::string_view bytes = text.substr(0, one.bytes);
        text.remove_prefix(one.bytes);
        if (bytes == "\\") {
            result += "\\\\";
        } else if (one.valid && !is_control(one.code)) {
            result += bytes;
        } else {
            for (const char byte : bytes) append_formatted(result, "\\x%02x", static_cast<unsigned char>(byte));
        }
    }
    return result;
}

std::string shell_word(std::string_view text) {
    std::string word = printable(text);
    const bool is_plain =
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./[]-") ==
        std::string::npos;
    if (is_plain && !word.empty()) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string utf8_text(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const character one = first_character(text);
        result += one.valid ? text.substr(0, one.bytes) : "\xef\xbf\xbd";
        text.remove_prefix(one.bytes);
    }
    return result;
}

std::string json_string(std::string_view text) {
    std::string result = "\"";
    while (!text.empty()) {
        const character one = first_character(text);
        const std::string_view bytes = text.substr(0, one.bytes);
        text.remove_prefix(one.bytes);
        if (!one.valid) {
            result += "\\ufffd";
        } else if (bytes == "\"" || bytes == "\\") {
            result.append("\\").append(bytes);
        } else if (is_control(one.code)) {
            append_formatted(result, "\\u%04x", one.code);
        } else {
            result += bytes;
        }
    }
    return result + "\"";
}

}  // namespace sheaf
