#include "background/background_id.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "base/plain_name.hpp"
#include "base/printable.hpp"
#include "base/take_until.hpp"

namespace sheaf::detail {
namespace {

constexpr std::size_t task_max = 64;
constexpr std::size_t handle_max = 63;
constexpr std::size_t server_max = 300;
constexpr std::size_t fingerprint_digits = 16;
constexpr std::string_view digits = "0123456789abcdef";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
// What a shell leaves alone, and a slash does not end.
bool is_plain(char c, std::string_view more) {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-' || c == ':' || more.find(c) != more.npos;
}

std::string escaped(std::string_view text, std::string_view more = {}) {
    std::string out;
    for (const char c : text) {
        if (is_plain(c, more)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::optional<std::string> unescaped(std::string_view text, std::string_view more = {}) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            if (!is_plain(text[i], more)) return std::nullopt;
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        const std::string_view two = text.substr(i + 1, 2);
        const auto [end, fault] = std::from_chars(two.data(), two.data() + two.size(), byte, 16);
        if (two.size() != 2 || fault != std::errc{} || end != two.data() + 2 || byte == 0) return std::nullopt;
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::optional<std::uint64_t> read_fingerprint(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    const bool good = text.size() == fingerprint_digits && fault == std::errc{} && end == text.data() + text.size();
    return good ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string to_string(const background_id& id) {
    std::string fingerprint(fingerprint_digits, '0');
    for (std::size_t i = 0; i < fingerprint_digits; ++i) {
        fingerprint[fingerprint_digits - 1 - i] = digits[id.fingerprint >> (4 * i) & 15U];
    }
    return id.task + '/' + fingerprint + '/' + escaped(id.handle) + '/' + escaped(id.server, "/[]");
}

basic_result<background_id> parse_background_id(std::string_view text) {
    std::string_view rest = text;
    const std::string_view task = take_until(rest, '/');
    const auto fingerprint = read_fingerprint(take_until(rest, '/'));
    const auto handle = unescaped(take_until(rest, '/'));
    const auto server = unescaped(rest, "/[]");
    const bool good = is_plain_name(task, task_max) && fingerprint && handle && !handle->empty() &&
                      handle->size() <= handle_max && server && !server->empty() && server->size() <= server_max;
    if (!good) {
        return error{errc::malformed, "\"" + printable(text.substr(0, 200)) +
                                          "\" is not the id of a background job: those look like "
                                          "img.resize/5be1d9c2a0f34e77/H:ant:17/jobs:4730"};
    }
    return background_id{std::string(task), *fingerprint, *handle, *server};
}

}  // namespace sheaf::detail
