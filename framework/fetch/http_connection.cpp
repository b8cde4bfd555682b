#include "fetch/http_connection.hpp"

#include <algorithm>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/assert.hpp"
#include "fetch/fetch_failure.hpp"

namespace sheaf::fetch {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using kind = fetch_failure::kind;

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t read_bytes = 16 * 1024;

template <class Fields>
std::string value_of(const Fields& fields, std::string_view name) {
    const auto found = fields.find(boost::beast::string_view(name.data(), name.size()));
    return found == fields.end() ? std::string() : std::string(found->value());
}

[[noreturn]] void throw_malformed(const error_code& why) {
    throw fetch_failure(kind::permanent, "the server's answer makes no sense: " + why.message());
}

std::string request_text(std::string_view method, const url& what, const header_list& headers) {
    std::string text = std::string(method) + " " + what.target + " HTTP/1.1\r\nHost: " + authority(what) +
                       "\r\nUser-Agent: sheaf\r\nAccept-Encoding: identity\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    return text + "\r\n";
}

}  // namespace

struct http_connection::decoder {
    explicit decoder(bool without_body) {
        from.header_limit(head_bytes_max);
        from.body_limit(boost::none);
        from.skip(without_body);
    }
    http::response_parser<http::buffer_body> from;
};

http_connection::http_connection(const url& to, const transport_terms& terms) : over_(connect_to(to, terms)) {}
http_connection::~http_connection() = default;

bool http_connection::may_ask_again() const { return ended_ && keep_alive_ && arrived_.empty() && !over_->is_stale(); }

// How many bytes have come; 0 at the end of the connection.
std::size_t http_connection::fill(const transport_terms& terms) {
    const std::size_t old = arrived_.size();
    arrived_.resize(old + read_bytes);
    const std::size_t came = over_->read_some({arrived_.data() + old, read_bytes}, terms);
    arrived_.resize(old + came);
    return came;
}

http_answer http_connection::ask(std::string_view method, const url& what, const header_list& headers,
                                 const transport_terms& terms) {
    SHEAF_ASSERT(ended_, "an answer is read to its end before the next question");
    ended_ = keep_alive_ = false;
    over_->write_all(request_text(method, what, headers), terms);
    decoder_ = std::make_unique<decoder>(method == "HEAD");
    auto& from = decoder_->from;
    while (!from.is_header_done()) {
        if (fill(terms) == 0) throw fetch_failure(kind::passing, "the server has closed the connection");
        error_code fault;
        arrived_.erase(0, from.put(boost::asio::buffer(arrived_), fault));
        if (fault && fault != http::error::need_more && fault != http::error::need_buffer) throw_malformed(fault);
    }
    const auto& head = from.get();
    keep_alive_ = head.keep_alive();
    chunked_ = from.chunked();
    left_ = std::nullopt;
    if (const auto length = from.content_length(); length && !chunked_) left_ = *length;
    http_answer answer{.status = head.result_int(),
                       .length = left_,
                       .content_range = value_of(head, "Content-Range"),
                       .entity_tag = value_of(head, "ETag"),
                       .last_modified = value_of(head, "Last-Modified"),
                       .location = value_of(head, "Location"),
                       .run_directory = value_of(head, "Sheaf-Run-Directory"),
                       .run_address = value_of(head, "Sheaf-Run-Address"),
                       .problem = value_of(head, "Sheaf-Problem")};
    if (method == "HEAD" || answer.status == 204 || answer.status == 304) left_ = 0;
    ended_ = left_ == std::uint64_t{0};
    return answer;
}

std::size_t http_connection::read_body(std::span<char> into, const transport_terms& terms) {
    if (ended_ || into.empty()) return 0;
    return chunked_ ? read_chunked(into, terms) : read_raw(into, terms);
}

std::size_t http_connection::read_raw(std::span<char> into, const transport_terms& terms) {
    if (left_) into = into.first(std::min<std::uint64_t>(into.size(), *left_));
    std::size_t came = std::min(arrived_.size(), into.size());
    if (came > 0) {
        std::memcpy(into.data(), arrived_.data(), came);
        arrived_.erase(0, came);
    } else {
        came = over_->read_some(into, terms);
    }
    if (came == 0 && left_) throw fetch_failure(kind::passing, "the connection ended within an answer");
    if (came == 0) ended_ = true;  // the server says so by closing it
    if (left_ && (*left_ -= came) == 0) ended_ = true;
    return came;
}

std::size_t http_connection::read_chunked(std::span<char> into, const transport_terms& terms) {
    auto& from = decoder_->from;
    auto& body = from.get().body();
    body.data = into.data();
    body.size = into.size();
    for (;;) {
        error_code fault;
        const std::size_t used = from.put(boost::asio::buffer(arrived_), fault);
        arrived_.erase(0, used);
        if (fault && fault != http::error::need_more && fault != http::error::need_buffer) throw_malformed(fault);
        ended_ = from.is_done();
        const std::size_t came = into.size() - body.size;
        if (came > 0 || ended_) return came;
        if (used > 0 && fault != http::error::need_more) continue;  // it stops between chunks, too
        if (fill(terms) == 0) throw fetch_failure(kind::passing, "the connection ended within an answer");
    }
}

}  // namespace sheaf::fetch
