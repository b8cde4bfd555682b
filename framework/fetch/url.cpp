#include "fetch/url.hpp"

#include <algorithm>

#include "base/parse_number.hpp"

namespace sheaf::fetch {
namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view secure_scheme = "https://";
constexpr std::size_t length_max = 8000;

std::uint16_t default_port(bool secure) { return secure ? 443 : 80; }

error refuse(std::string_view text, const char* why) {
    return {errc::invalid_argument, "'" + std::string(text.substr(0, 200)) + "' is no address to fetch from: " + why};
}

// What would end the request line, or the line of a log.
bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto number = parse_number<std::uint16_t>(text);
    if (!number || *number == 0) return false;
    port = *number;
    return true;
}

// host, host:port, [v6] or [v6]:port.
bool read_authority(std::string_view text, url& into) {
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return false;
        into.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (into.host.find(':') == std::string::npos || (!rest.empty() && rest.front() != ':')) return false;
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        into.host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    return !into.host.empty() && (rest.empty() || read_port(rest.substr(1), into.port));
}

}  // namespace

basic_result<url> parse_url(std::string_view text) {
    url result;
    result.secure = text.starts_with(secure_scheme);
    if (!result.secure && !text.starts_with(plain_scheme))
        return refuse(text, "it begins with neither http:// nor https://");
    if (text.size() > length_max) return refuse(text, "it is too long");
    if (!is_printable(text))
        return refuse(text, "blanks and other special characters have to be written as %20 and so on");
    result.port = default_port(result.secure);
    std::string_view rest = text.substr(result.secure ? secure_scheme.size() : plain_scheme.size());
    rest = rest.substr(0, rest.find('#'));
    const auto path = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view where = rest.substr(0, path);
    if (where.find('@') != std::string_view::npos) return refuse("...", "names and passwords do not belong into it");
    if (!read_authority(where, result)) return refuse(text, "its host or port makes no sense");
    rest.remove_prefix(path);
    result.target = (rest.starts_with('/') ? "" : "/") + std::string(rest);
    return result;
}

basic_result<url> follow_redirect(const url& from, std::string_view location) {
    const std::string_view scheme = from.secure ? secure_scheme : plain_scheme;
    if (location.starts_with("//")) return parse_url(std::string(scheme) + std::string(location.substr(2)));
    if (location.starts_with('/')) return parse_url(std::string(scheme) + authority(from) + std::string(location));
    return parse_url(location);
}

std::string authority(const url& of) {
    std::string text = of.host.find(':') == std::string::npos ? of.host : "[" + of.host + "]";
    if (of.port != default_port(of.secure)) text += ":" + std::to_string(of.port);
    return text;
}

std::string to_string(const url& of) {
    return std::string(of.secure ? secure_scheme : plain_scheme) + authority(of) + of.target;
}

std::string origin_of(std::string_view host, std::uint16_t port) {
    const bool v6 = host.find(':') != std::string_view::npos;
    return std::string(plain_scheme) + (v6 ? "[" : "") + std::string(host) + (v6 ? "]:" : ":") + std::to_string(port);
}

}  // namespace sheaf::fetch
