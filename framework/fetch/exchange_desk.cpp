#include "fetch/exchange_desk.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "fetch/credentials.hpp"
#include "fetch/url.hpp"
#include <sheaf/detail/entity_tag.hpp>

namespace sheaf::fetch {
namespace {

using method = http_request::method;
using kind = exchange_target::kind;

constexpr std::size_t secret_bytes_min = 16;
constexpr std::size_t secret_bytes_max = 128;

const char* reason_of(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 401: return "Unauthorized";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 413: return "Content Too Large";
        case 416: return "Range Not Satisfiable";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 505: return "HTTP Version Not Supported";
        default: return "Bad Request";
    }
}

// `more`: further headers, each with its line's end.
std::string head_of(unsigned status, std::uint64_t length, const std::string& more, bool close) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " " + reason_of(status) + "\r\n";
    if (status != 204) text += "Content-Length: " + std::to_string(length) + "\r\n";
    return text + more + (close ? "Connection: close\r\n\r\n" : "\r\n");
}

exchange_reply bare(const http_request& request, unsigned status, const std::string& more = {}) {
    return {head_of(status, 0, more, !request.keep_alive), {}, {}, !request.keep_alive};
}

// What is read of must be a file: a FIFO would stop us.
struct opened_file {
    unique_fd descriptor;
    struct stat about {};
};

std::optional<opened_file> open_file(int directory, const std::string& name, int flags) {
    opened_file result{unique_fd(::openat(directory, name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | flags)), {}};
    if (!result.descriptor || ::fstat(result.descriptor.get(), &result.about) != 0) return std::nullopt;
    if (!S_ISREG(result.about.st_mode)) return std::nullopt;
    return result;
}

// A plain name without links leads to nothing but the run's own files. An input may be a link: the driver named it so.
std::optional<opened_file> open_target(const shelved_run& run, const exchange_target& what) {
    if (what.what == kind::file) return open_file(run.directory.get(), what.name, O_NOFOLLOW);
    if (!run.inputs.contains(what.name)) return std::nullopt;
    return open_file(AT_FDCWD, what.name, 0);
}

exchange_reply file_reply(const http_request& request, opened_file file) {
    const auto size = static_cast<std::uint64_t>(file.about.st_size);
    const range_choice choice = choose_range(request.range, size);
    if (choice.what == range_choice::kind::unsatisfiable) {
        return bare(request, 416, "Content-Range: " + content_range_header({}, size) + "\r\n");
    }
    const bool part = choice.what == range_choice::kind::part;
    std::string more =
        "Accept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\nETag: " + detail::entity_tag(file.about) +
        "\r\n";
    if (part) more += "Content-Range: " + content_range_header(choice.part, size) + "\r\n";
    exchange_reply reply{
        head_of(part ? 206 : 200, choice.part.length, more, !request.keep_alive), {}, choice.part, !request.keep_alive};
    if (request.what == method::get && choice.part.length > 0) reply.file = std::move(file.descriptor);
    return reply;
}

std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return c >= 0 && c < ' '; }, ' ');
    return text;
}

bool is_secret(const std::string& text) {
    return text.size() >= secret_bytes_min && text.size() <= secret_bytes_max && is_plain_name(text);
}

}  // namespace

exchange_reply refusal(unsigned status) { return {head_of(status, 0, {}, true), {}, {}, true}; }

exchange_reply exchange_desk::answer(const http_request& request) const {
    if (request.what == method::other) return bare(request, 405, "Allow: GET, HEAD\r\n");
    const auto what = parse_target(request.target);
    if (!what) return bare(request, 404);
    if (request.what == method::put) return admit(request, *what);
    if (request.what == method::remove) return dismiss(request, *what);
    return give(request, *what);
}

std::shared_ptr<const shelved_run> exchange_desk::authorized(const http_request& request,
                                                             const exchange_target& what) const {
    auto run = shelf_.find(what.run);
    return run && is_authorized(request.authorization, run->secret) ? run : nullptr;
}

exchange_reply exchange_desk::give(const http_request& request, const exchange_target& what) const {
    const auto run = authorized(request, what);
    if (!run) return bare(request, 401);
    if (what.what == kind::run) return bare(request, 204);
    auto file = open_target(*run, what);
    return file ? file_reply(request, std::move(*file)) : bare(request, 404);
}

exchange_reply exchange_desk::admit(const http_request& request, const exchange_target& what) const {
    if (!duties_.admit || what.what != kind::run) return bare(request, 405);
    if (!is_authorized(request.authorization, duties_.key)) return bare(request, 401);
    if (!is_secret(request.run_secret)) return bare(request, 400);
    if (!parse_url(request.run_driver)) return bare(request, 400);
    const auto place = duties_.admit(what.run, request.run_secret, request.run_driver);
    if (!place) return bare(request, 500, "Sheaf-Problem: " + one_line(place.error().message) + "\r\n");
    return bare(request, 201,
                "Sheaf-Run-Directory: " + place->directory + "\r\nSheaf-Run-Address: " + place->address + "\r\n");
}

exchange_reply exchange_desk::dismiss(const http_request& request, const exchange_target& what) const {
    if (!duties_.dismiss || what.what == kind::input) return bare(request, 405);
    const auto run = authorized(request, what);
    if (!run) return bare(request, 401);
    if (what.what == kind::file) {
        return bare(request, ::unlinkat(run->directory.get(), what.name.c_str(), 0) == 0 ? 204 : 404);
    }
    duties_.dismiss(what.run);
    return bare(request, 204);
}

}  // namespace sheaf::fetch
