#include "sheaf/runtime/endpoint.hpp"

#include "base/parse_number.hpp"

namespace sheaf {
namespace {

error bad(std::string_view text, std::string_view why) {
    return {errc::invalid_argument, "\"" + std::string(text) + "\" is not a server address: " + std::string(why) +
                                        ". Write host:port, [address]:port or unix:/path."};
}

// From <sys/un.h>: sun_path has 108 bytes, one of them for the NUL.
constexpr std::size_t unix_path_max = 107;

basic_result<endpoint> parse_unix(std::string_view text, std::string_view path) {
    if (path.empty()) return bad(text, "the path is missing");
    if (path.size() > unix_path_max) return bad(text, "the path is longer than 107 bytes");
    if (path.find('\0') != std::string_view::npos) return bad(text, "the path holds a NUL");
    endpoint where;
    where.path = path;
    return where;
}

constexpr std::string_view tls_scheme = "tls://";

basic_result<endpoint> parse_tls(std::string_view text) {
    const std::string_view rest = text.substr(tls_scheme.size());
    if (rest.starts_with("unix:") || rest.starts_with(tls_scheme)) return bad(text, "TLS is for hosts");
    auto where = parse_endpoint(rest);
    if (!where) return bad(text, "what follows tls:// is none");
    where->tls = true;
    return where;
}

}  // namespace

std::string to_string(const endpoint& where) {
    if (where.is_unix()) return "unix:" + where.path;
    const bool v6 = where.host.find(':') != std::string::npos;
    return (where.tls ? std::string(tls_scheme) : "") + (v6 ? "[" + where.host + "]" : where.host) + ":" +
           std::to_string(where.port);
}

basic_result<endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text, text.substr(5));
    if (text.starts_with(tls_scheme)) return parse_tls(text);
    endpoint where;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return bad(text, "the bracket is not closed");
        where.host = text.substr(1, end - 1);
        const std::string_view rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') return bad(text, "something else than a port follows the bracket");
        port = rest.empty() ? rest : rest.substr(1);
        if (rest.size() == 1) return bad(text, "the port is missing");
    } else {
        const std::size_t colon = text.find(':');
        if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
            return bad(text, "an IPv6 address needs brackets");
        }
        where.host = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            port = text.substr(colon + 1);
            if (port.empty()) return bad(text, "the port is missing");
        }
        if (where.host.empty() && colon != std::string_view::npos) where.host = "127.0.0.1";
    }
    if (where.host.empty()) return bad(text, "the host is missing");
    if (where.host.find('\0') != std::string::npos) return bad(text, "the host holds a NUL");
    if (!port.empty()) {
        const auto number = parse_number<decltype(where.port)>(port);
        if (!number) return bad(text, "the port is not a number up to 65535");
        where.port = *number;
    }
    return where;
}

basic_result<std::vector<endpoint>> parse_endpoints(std::string_view text) {
    std::vector<endpoint> all;
    while (true) {
        const std::size_t start = text.find_first_not_of(", \t");
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        const std::string_view one = text.substr(0, text.find_first_of(", \t"));
        auto where = parse_endpoint(one);
        if (!where) return std::move(where).error();
        all.push_back(*std::move(where));
        text.remove_prefix(one.size());
    }
    if (all.empty()) return error{errc::invalid_argument, "no server address is given. Write host:port or unix:/path."};
    return all;
}

}  // namespace sheaf
