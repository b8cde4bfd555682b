#include "cluster/control_name.hpp"

#include <array>
#include <charconv>

#include <sheaf/detail/control_order.hpp>

namespace sheaf::detail {
namespace {

constexpr std::size_t host_max = 18;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

std::string control_name(std::string_view host, pid_t owner, std::size_t place, std::uint64_t nonce) {
    std::string name(control_prefix);
    for (const char c : host.substr(0, host_max)) name += is_plain(c) ? c : '_';
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), nonce, 16).ptr;
    return name + "." + std::to_string(owner) + "-" + std::to_string(place) + "." + std::string(digits.data(), end);
}

}  // namespace sheaf::detail
