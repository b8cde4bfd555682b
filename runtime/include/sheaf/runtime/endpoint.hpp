// Where a server listens, as people write it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sheaf/runtime/error.hpp"

namespace sheaf {

/// Gearman's port, as registered.
inline constexpr std::uint16_t default_port = 4730;

/// A TCP address (host and port) or the path of a Unix-domain socket.
struct endpoint {
    std::string host;  ///< a name or an IP address; empty for a Unix-domain socket
    std::uint16_t port = default_port;
    std::string path;  ///< of a Unix-domain socket; empty for TCP
    bool tls = false;  ///< whether TLS is spoken there; never by a Unix-domain socket

    [[nodiscard]] bool is_unix() const noexcept { return !path.empty(); }
    friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// As parse_endpoint reads it: "host:4730", "[::1]:4730", "tls://host:4730" or "unix:/run/sheaf.sock".
[[nodiscard]] std::string to_string(const endpoint& where);

/// Reads "host", "host:port", ":port", "[v6]:port" or "unix:/path"; "tls://" before all but the last. No name is looked
/// up.
[[nodiscard]] basic_result<endpoint> parse_endpoint(std::string_view text);

/// Reads a list of addresses, separated by commas or blanks, as in SHEAF_SERVER and GEARMAN_SERVERS. Not empty.
[[nodiscard]] basic_result<std::vector<endpoint>> parse_endpoints(std::string_view text);

}  // namespace sheaf
