#include "fetch/http_request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/assert.hpp"

namespace sheaf::fetch {
namespace {

namespace http = boost::beast::http;

http_request::method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get: return http_request::method::get;
        case http::verb::head: return http_request::method::head;
        case http::verb::put: return http_request::method::put;
        case http::verb::delete_: return http_request::method::remove;
        default: return http_request::method::other;
    }
}

template <class Fields>
std::string value_of(const Fields& fields, std::string_view name) {
    const auto found = fields.find(boost::beast::string_view(name.data(), name.size()));
    return found == fields.end() ? std::string() : std::string(found->value());
}

unsigned status_for(const boost::beast::error_code& fault) {
    if (fault == http::error::header_limit || fault == http::error::buffer_overflow) return 431;
    if (fault == http::error::body_limit) return 413;
    if (fault == http::error::bad_version) return 505;
    return 400;
}

}  // namespace

struct request_reader::parser {
    parser() {
        from.header_limit(request_head_bytes_max);
        from.body_limit(std::uint64_t{0});
    }
    http::request_parser<http::empty_body> from;
};

request_reader::request_reader() : parser_(std::make_unique<parser>()) {}
request_reader::~request_reader() = default;

bool request_reader::has_begun() const noexcept { return !pending_.empty() || parser_->from.got_some(); }

void request_reader::refuse(unsigned status) {
    state_ = state::refused;
    status_ = status;
    pending_.clear();
}

// Beast's parser wants to see a header's whole line at once, so what it leaves is kept and shown to it again.
std::size_t request_reader::feed(std::string_view bytes) {
    if (state_ != state::reading) return 0;
    const std::size_t old = pending_.size();
    const std::size_t taken =
        std::min(bytes.size(), request_head_bytes_max + 1 - std::min(old, request_head_bytes_max));
    pending_.append(bytes.substr(0, taken));
    boost::beast::error_code fault;
    const std::size_t used = parser_->from.put(boost::asio::buffer(pending_), fault);
    if (fault == http::error::need_more) {
        pending_.erase(0, used);
        if (pending_.size() > request_head_bytes_max) refuse(431);
        return taken;
    }
    if (fault) {
        refuse(status_for(fault));
        return taken;
    }
    if (!parser_->from.is_done()) {  // a body follows, in chunks
        refuse(413);
        return taken;
    }
    state_ = state::complete;
    pending_.clear();
    return used - std::min(used, old);
}

http_request request_reader::take() {
    SHEAF_ASSERT(state_ == state::complete, "a request is taken when it is complete");
    const auto& from = parser_->from.get();
    http_request result{.what = method_of(from.method()),
                        .target = std::string(from.target()),
                        .authorization = value_of(from, "Authorization"),
                        .range = value_of(from, "Range"),
                        .run_secret = value_of(from, run_secret_header),
                        .run_driver = value_of(from, run_driver_header),
                        .keep_alive = from.keep_alive()};
    parser_ = std::make_unique<parser>();
    state_ = state::reading;
    return result;
}

}  // namespace sheaf::fetch
