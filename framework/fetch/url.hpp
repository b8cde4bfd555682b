// Addresses of things on HTTP servers, as far as runs need them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sheaf/runtime/error.hpp"

namespace sheaf::fetch {

/// An http: or https: address in its parts. Names of users, and fragments, are no part of it.
struct url {
    bool secure = false;       ///< https
    std::string host;          ///< a name or an IP address, an IPv6 one without its brackets
    std::uint16_t port = 80;   ///< the scheme's own unless the address says otherwise
    std::string target = "/";  ///< path and query, as they go into the request line

    friend bool operator==(const url&, const url&) = default;
};

/// Reads an absolute address. The error is a sentence. Control characters, blanks and names of users are refused.
[[nodiscard]] basic_result<url> parse_url(std::string_view text);

/// Where `location`, from an answer of `from`, leads: an absolute address, or a path on the same server.
[[nodiscard]] basic_result<url> follow_redirect(const url& from, std::string_view location);

/// "host" or "host:port", as the Host header has it; brackets around IPv6.
[[nodiscard]] std::string authority(const url& of);

/// As parse_url reads it.
[[nodiscard]] std::string to_string(const url& of);

/// "http://host:port" for a server of our own.
[[nodiscard]] std::string origin_of(std::string_view host, std::uint16_t port);

}  // namespace sheaf::fetch
