#include "server/handle_prefix.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::server {
namespace {

// The last `digits` digits of `number`, to the base of 32.
std::string short_text(std::uint64_t number, std::size_t digits) {
    constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
    std::string text(digits, '0');
    for (auto at = text.rbegin(); at != text.rend(); ++at, number /= alphabet.size())
        *at = alphabet[number % alphabet.size()];
    return text;
}

// 30 bits of the second last 34 years; 20 random bits tell apart what starts in the same second.
constexpr std::size_t time_digits = 6;
constexpr std::size_t random_digits = 4;

}  // namespace

std::string default_prefix() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "H:sheaf";
    std::string prefix = "H:" + std::string(name.data());
    std::ranges::replace_if(
        prefix, [](unsigned char c) { return c <= ' '; }, '_');
    prefix.resize(std::min(prefix.size(), given_prefix_size_max));
    return prefix;
}

std::string make_handle_prefix(std::string_view given, std::uint64_t start_seconds, std::uint32_t random) {
    const bool odd = std::ranges::any_of(given, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
    if (odd || given.size() > given_prefix_size_max) {
        throw runtime_failure({errc::invalid_argument, "the handle prefix \"" + std::string(given) +
                                                           "\" cannot be used: it may have 24 bytes and no blanks."});
    }
    return std::string(given) + ':' + short_text(start_seconds, time_digits) + short_text(random, random_digits) + ':';
}

}  // namespace sheaf::server
