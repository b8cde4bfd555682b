#include "server/handle_prefix.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::server {
namespace {

// 30 bits of the second last 34 years; 20 random bits tell apart what starts in the same second.
constexpr std::uint64_t time_bits = 30;
constexpr std::uint64_t random_bits = 20;

// Makes all starts equally long, so that no start and number of a job together are those of another start.
constexpr std::uint64_t smallest_start = 1'000'000'000'000'000;
static_assert(smallest_start + (1ULL << (time_bits + random_bits)) < 10 * smallest_start);

constexpr std::uint64_t low_bits(std::uint64_t number, std::uint64_t count) { return number & ((1ULL << count) - 1); }

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
    const std::uint64_t start = low_bits(start_seconds, time_bits) << random_bits | low_bits(random, random_bits);
    return std::string(given) + ':' + std::to_string(smallest_start + start);
}

}  // namespace sheaf::server
