#include "fetch/exchange_address.hpp"

#include <array>
#include <cstdlib>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

#include "base/parse_number.hpp"
#include "base/unique_fd.hpp"

namespace sheaf::fetch {
namespace {

constexpr const char* variable = "SHEAF_EXCHANGE_ADDRESS";
// Of those that are kept for documents: routes to it are those to the rest of the world. Nothing is sent there.
constexpr const char* elsewhere = "192.0.2.1";

struct address_free {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, address_free>;

address_list find_addresses(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return nullptr;
    return address_list(found);
}

std::optional<std::string> text_of(const sockaddr& address, socklen_t size) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(&address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return std::nullopt;
    return std::string(text.data());
}

bool is_loopback(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        return (ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24) == 127;
    }
    return address.sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

// The address from which `host` is reached, unless it is this machine. Nothing is sent: that is what UDP is for.
std::optional<std::string> interface_towards(const std::string& host, std::uint16_t port) {
    const address_list to = find_addresses(host, port);
    if (!to) return std::nullopt;
    const unique_fd probe(::socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!probe || ::connect(probe.get(), to->ai_addr, to->ai_addrlen) != 0) return std::nullopt;
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    auto* const address = reinterpret_cast<sockaddr*>(&own);
    if (::getsockname(probe.get(), address, &size) != 0 || is_loopback(*address)) return std::nullopt;
    return text_of(*address, size);
}

bool is_link_local(const sockaddr& address) {
    return address.sa_family == AF_INET6 &&
           IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

// IPv4, if there is some.
std::optional<std::string> any_interface() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(list, &::freeifaddrs);
    std::optional<std::string> found;
    for (const ifaddrs* one = all.get(); one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0 || is_loopback(*one->ifa_addr)) continue;
        if (one->ifa_addr->sa_family == AF_INET) return text_of(*one->ifa_addr, sizeof(sockaddr_in));
        if (one->ifa_addr->sa_family != AF_INET6 || is_link_local(*one->ifa_addr)) continue;
        found = text_of(*one->ifa_addr, sizeof(sockaddr_in6));
    }
    return found;
}

bool is_ours(const std::string& host) {
    const address_list found = find_addresses(host, 0);
    if (!found) return false;
    const unique_fd probe(::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return probe && ::bind(probe.get(), found->ai_addr, found->ai_addrlen) == 0;
}

std::string choose_interface(const std::vector<endpoint>& servers) {
    for (const endpoint& one : servers) {
        if (one.is_unix()) continue;
        if (auto own = interface_towards(one.host, one.port)) return *own;
    }
    if (auto own = interface_towards(elsewhere, 9)) return *own;
    return any_interface().value_or("127.0.0.1");
}

}  // namespace

basic_result<exchange_address> parse_exchange_address(std::string_view text) {
    const auto refuse = [&] {
        return error{errc::invalid_argument,
                     std::string(variable) + "='" + std::string(text) +
                         "': it has to be an address of this machine that others reach, such as "
                         "10.0.0.5, 10.0.0.5:4731 or [fd00::5]:4731"};
    };
    std::string_view host = text;
    std::string_view port;
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon == bracket + 1);
    if (has_port) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find_first_of(":[]") != std::string_view::npos) {
        return refuse();
    }
    const auto number = parse_number<std::uint16_t>(port);
    if (host.empty() || host.find_first_of(" /@") != std::string_view::npos || (has_port && !number)) return refuse();
    exchange_address found;
    found.listen.port = number.value_or(std::uint16_t{0});
    found.name = found.listen.host = host;
    return found;
}

basic_result<exchange_address> find_exchange_address(const std::vector<endpoint>& servers) {
    const char* const wish = std::getenv(variable);
    if (wish == nullptr || *wish == '\0') {
        exchange_address found;
        found.listen.port = 0;
        found.name = found.listen.host = choose_interface(servers);
        return found;
    }
    auto result = parse_exchange_address(wish);
    if (result && !is_ours(result->name)) result->listen.host = "0.0.0.0";
    return result;
}

}  // namespace sheaf::fetch
