#include "server/http_request.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/assert.hpp"

namespace sheaf::server {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::iequals;
using boost::beast::string_view;

// A body that grows with the bytes that have come, whatever length was claimed.
struct growing_body {
    using value_type = byte_block;

    class reader {
      public:
        template <bool IsRequest, class Fields>
        reader(http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, error_code& fault) { fault = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& fault) {
            fault = {};
            std::size_t all = 0;
            for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
                 ++at) {
                append({static_cast<const char*>(at->data()), at->size()});
                all += at->size();
            }
            return all;
        }
        void finish(error_code& fault) { fault = {}; }

      private:
        void append(std::string_view bytes) {
            const std::size_t old = body_.valid() ? body_.size() : 0;
            if (!body_.valid()) body_ = byte_block(std::max<std::size_t>(bytes.size(), 1));
            if (old + bytes.size() > body_.capacity()) body_.grow(std::max(2 * old, old + bytes.size()));
            std::copy(bytes.begin(), bytes.end(), body_.data() + old);
            body_.resize(old + bytes.size());
        }
        value_type& body_;
    };
};

std::string_view view_of(string_view text) { return {text.data(), text.size()}; }

struct fault_answer {
    http::error fault;
    unsigned status;
    const char* text;
};
constexpr fault_answer fault_answers[] = {
    {http::error::header_limit, 431, "The head of the request is too large."},
    {http::error::buffer_overflow, 431, "The head of the request is too large."},
    {http::error::body_limit, 413, "The body is larger than this server takes."},
    {http::error::bad_version, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Undoes %XX. Nothing that would break a packet or a line of the admin protocol.
std::optional<std::string> function_of(std::string_view path) {
    std::string name;
    for (std::size_t i = 0; i < path.size(); ++i) {
        char c = path[i];
        if (c == '%') {
            const int high = i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
            const int low = i + 2 < path.size() ? hex_digit(path[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return std::nullopt;
        name += c;
    }
    return name;
}

// "0", and twice the end of a line. The parser asserts that it is given as much at a time.
constexpr std::size_t last_chunk_bytes_min = 5;

}  // namespace

struct http_request_reader::parser {
    explicit parser(std::uint64_t body_bytes_max) {
        from.header_limit(head_bytes_max);
        from.body_limit(body_bytes_max);
    }
    http::request_parser<growing_body> from;
};

http_request_reader::http_request_reader(std::uint64_t body_bytes_max)
    : body_bytes_max_(body_bytes_max), parser_(std::make_unique<parser>(body_bytes_max)) {}
http_request_reader::~http_request_reader() = default;

bool http_request_reader::take_continue() noexcept { return std::exchange(wants_continue_, false); }

bool http_request_reader::refuse(unsigned status, std::string text) {
    state_ = state::refused;
    why_ = {status, std::move(text)};
    wants_continue_ = false;
    return false;
}

std::size_t http_request_reader::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == state::reading && taken < bytes.size()) taken += step(bytes.substr(taken));
    bytes_ += taken;
    return taken;
}

// The parser wants to see the whole of a head, or of a chunk's line, at once: what it leaves is shown to it again, with more.
std::size_t http_request_reader::step(std::string_view bytes) {
    if (pending_.empty()) {
        const std::size_t used = put(bytes);
        if (state_ != state::reading) return used;
        bytes.remove_prefix(used);
        return used + keep(bytes);
    }
    const std::size_t old = pending_.size();
    const std::size_t kept = keep(bytes);
    if (state_ != state::reading) return kept;
    const std::size_t used = put(pending_);
    if (state_ != state::reading) return used - std::min(used, old);
    pending_.erase(0, used);
    return kept;
}

std::size_t http_request_reader::keep(std::string_view bytes) {
    const std::size_t kept = std::min(bytes.size(), head_bytes_max + 1 - pending_.size());
    pending_.append(bytes.substr(0, kept));
    if (pending_.size() > head_bytes_max) refuse(431, "The head of the request is too large.");
    return kept;
}

std::size_t http_request_reader::put(std::string_view bytes) {
    std::size_t used = 0;
    while (state_ == state::reading && used < bytes.size()) {
        if (head_is_read_ && parser_->from.chunked() && bytes.size() - used < last_chunk_bytes_min) break;
        error_code fault;
        const std::size_t n = parser_->from.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), fault);
        used += n;
        if (parser_->from.is_header_done() && !std::exchange(head_is_read_, true)) {
            // Not before: the parser puts fields behind the last chunk among those of the head.
            read_head();
            parser_->from.eager(true);
            if (used < bytes.size()) wants_continue_ = false;  // it does not wait for that
        }
        if (state_ != state::reading) break;
        if (fault && fault != http::error::need_more) {
            const auto* const known =
                std::ranges::find_if(fault_answers, [&](const fault_answer& one) { return fault == one.fault; });
            const bool is_known = known != std::end(fault_answers);
            refuse(is_known ? known->status : 400,
                   is_known ? known->text : "The request makes no sense: " + fault.message() + ".");
        } else if (parser_->from.is_done()) {
            state_ = state::complete;
        } else if (fault || n == 0) {
            break;
        }
    }
    return used;
}

void http_request_reader::read_head() {
    const auto& head = parser_->from.get();
    const auto count = [&](string_view name) { return head.count(name); };
    if (count("Host") > 1 || (head.version() >= 11 && count("Host") == 0)) {
        return void(refuse(400, "A request names its host once."));
    }
    if (count("Transfer-Encoding") != 0) {
        // Whoever stands before this server might take such a request for another one than it is.
        if (head.version() < 11 || count("Content-Length") != 0)
            return void(refuse(400, "The body's length is in doubt."));
        if (!iequals(head["Transfer-Encoding"], "chunked")) return void(refuse(501, "Bodies come plain or in chunks."));
    }
    if (view_of(head["Content-Length"]).find_first_not_of("0123456789") != std::string_view::npos) {
        return void(refuse(400, "The body's length is no number."));
    }
    request_ = {};
    request_.wants_body = head.method() != http::verb::head;
    request_.keep_alive = head.keep_alive();
    request_.knows_chunks = head.version() >= 11;
    if (read_method() && read_target() && read_fields() && count("Expect") != 0) {
        if (!iequals(head["Expect"], "100-continue")) return void(refuse(417, "Only 100-continue can be expected."));
        wants_continue_ = request_.knows_chunks && !parser_->from.is_done();
    }
}

bool http_request_reader::read_method() {
    switch (parser_->from.get().method()) {
        case http::verb::get:
        case http::verb::head:
        case http::verb::post:
        case http::verb::put: return true;
        default: return refuse(405, "Jobs are submitted by POST, PUT or GET.");
    }
}

bool http_request_reader::read_target() {
    std::string_view path = view_of(parser_->from.get().target());
    for (const std::string_view scheme : {"http://", "https://"}) {  // as a proxy is asked
        if (path.starts_with(scheme)) path.remove_prefix(std::min(path.size(), path.find('/', scheme.size())));
    }
    if (!path.starts_with('/')) return refuse(400, "The path of a request begins with a slash.");
    path.remove_prefix(std::min(path.size(), path.find_first_not_of('/')));
    if (path.find_first_of("?#") != std::string_view::npos) {
        return refuse(400, "A function has no query. Write %3F for a question mark in its name.");
    }
    auto name = function_of(path);
    if (!name) return refuse(400, "The path is not the name of a function.");
    if (name->empty() && request_.wants_body) return refuse(404, "The path has to name a function: POST /reverse");
    request_.function = std::move(*name);
    return true;
}

bool http_request_reader::read_fields() {
    const auto& head = parser_->from.get();
    const auto once = [&](string_view name) -> std::optional<std::string> {
        if (head.count(name) == 0) return std::nullopt;
        return std::string(view_of(head[name]));
    };
    for (const string_view name : {"X-Gearman-Unique", "X-Gearman-Background", "X-Gearman-Priority"}) {
        if (head.count(name) > 1) return refuse(400, std::string(name) + " is given more than once.");
    }
    request_.unique = once("X-Gearman-Unique").value_or("-");
    if (request_.unique.find_first_of(std::string_view("\0\t", 2)) != std::string::npos)
        return refuse(400, "X-Gearman-Unique holds what no unique key may.");
    if (request_.function.size() + request_.unique.size() > names_bytes_max)
        return refuse(414, "The function's name and the unique key are too long.");
    const std::string background = once("X-Gearman-Background").value_or("false");
    request_.background = iequals(background, "true");
    if (!request_.background && !iequals(background, "false"))
        return refuse(400, "X-Gearman-Background is true or false.");
    const std::string priority = once("X-Gearman-Priority").value_or("normal");
    if (iequals(priority, "high")) {
        request_.priority = protocol::priority::high;
    } else if (iequals(priority, "low")) {
        request_.priority = protocol::priority::low;
    } else if (!iequals(priority, "normal")) {
        return refuse(400, "X-Gearman-Priority is high, normal or low.");
    }
    return true;
}

http_request http_request_reader::take() {
    SHEAF_ASSERT(state_ == state::complete, "a request is taken when it is complete");
    byte_block& body = parser_->from.get().body();
    if (body.valid()) {
        const std::size_t size = body.size();
        request_.payload = shared_bytes(std::move(body), 0, size);
    }
    parser_ = std::make_unique<parser>(body_bytes_max_);
    pending_.clear();
    bytes_ = 0;
    head_is_read_ = wants_continue_ = false;
    state_ = state::reading;
    return std::move(request_);
}

}  // namespace sheaf::server
