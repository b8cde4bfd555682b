// Where a process listens for peers that want files of runs, and how they reach it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::fetch {

struct exchange_address {
    endpoint listen;   ///< port 0: any
    std::string name;  ///< the host for peers' addresses: a name or an IP address

    friend bool operator==(const exchange_address&, const exchange_address&) = default;
};

/// Reads "host", "host:port", "[v6]" or "[v6]:port", as in SHEAF_EXCHANGE_ADDRESS. `listen.host` is the same host.
[[nodiscard]] basic_result<exchange_address> parse_exchange_address(std::string_view text);

/// What SHEAF_EXCHANGE_ADDRESS says; if it is a name or an address of another machine (a port that is forwarded), all interfaces
/// are listened on. Else the address of the interface that reaches the first of `servers` which is on another host; else of
/// the one that reaches the rest of the world; else of any that is up; else the loopback interface.
[[nodiscard]] basic_result<exchange_address> find_exchange_address(const std::vector<endpoint>& servers);

}  // namespace sheaf::fetch
