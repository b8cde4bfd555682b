#include "fetch/credentials.hpp"

#include <array>
#include <cstddef>
#include <sys/random.h>

#include "base/assert.hpp"

namespace sheaf::fetch {
namespace {

constexpr std::string_view scheme = "Bearer ";

}  // namespace

std::string make_secret() {
    std::array<unsigned char, 16> raw{};
    SHEAF_ASSERT(::getrandom(raw.data(), raw.size(), 0) == static_cast<ssize_t>(raw.size()),
                 "up to 256 bytes come at once");
    std::string text;
    for (const unsigned char byte : raw) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

std::string bearer(std::string_view secret) { return std::string(scheme) + std::string(secret); }

bool is_authorized(std::string_view header, std::string_view secret) noexcept {
    if (secret.empty() || !header.starts_with(scheme)) return false;
    return equal_in_constant_time(header.substr(scheme.size()), secret);
}

}  // namespace sheaf::fetch
