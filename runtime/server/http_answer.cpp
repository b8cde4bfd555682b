#include "server/http_answer.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace sheaf::server {
namespace {

std::string_view reason_of(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 202: return "Accepted";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 417: return "Expectation Failed";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Internal Server Error";
    }
}

// Not strftime, whose words are those of the program's language.
std::string date_text(std::chrono::system_clock::time_point now) {
    static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm when{};
    ::gmtime_r(&seconds, &when);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(when.tm_wday)], when.tm_mday,
                  months[static_cast<std::size_t>(when.tm_mon)], when.tm_year + 1900, when.tm_hour, when.tm_min,
                  when.tm_sec);
    return text.data();
}

void add(std::string& head, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string head_of(const http_answer& answer, std::chrono::system_clock::time_point now) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
    head.append(reason_of(answer.status)).append("\r\n");
    add(head, "Server", "sheafd");
    add(head, "Date", date_text(now));
    add(head, "X-Gearman-Job-Handle", answer.handle);
    add(head, "X-Gearman-Command", answer.command);
    if (answer.status == 405) add(head, "Allow", "GET, HEAD, POST, PUT");
    if (answer.status == 503) add(head, "Retry-After", "1");
    add(head, "Content-Type", answer.is_text ? "text/plain; charset=utf-8" : "application/octet-stream");
    add(head, "X-Content-Type-Options", "nosniff");  // a worker's bytes are not to become a page of this server's
    add(head, "Cache-Control", "no-store");
    if (answer.length) {
        add(head, "Content-Length", std::to_string(*answer.length));
    } else {
        add(head, "Transfer-Encoding", "chunked");
    }
    add(head, "Connection", answer.keep_alive ? "keep-alive" : "close");
    return head + "\r\n";
}

std::string chunk_line(std::size_t size) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%zx\r\n", size);
    return text.data();
}

}  // namespace sheaf::server
