// Requests of HTTP, from bytes: a job to be submitted, or the reason why it is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/packet.hpp"
#include "sheaf/runtime/shared_bytes.hpp"

namespace sheaf::server {

/// What a request asks for.
struct http_request {
    std::string function;  ///< from the path; empty for "/", which only HEAD may ask for
    std::string unique;
    protocol::priority priority = protocol::priority::normal;
    bool background = false;
    bool wants_body = true;     ///< not for HEAD
    bool keep_alive = false;    ///< the connection may be used for another request
    bool knows_chunks = false;  ///< HTTP/1.1: the answer's length need not be known when it begins
    shared_bytes payload;
};

/// Why a request is not served.
struct http_refusal {
    unsigned status = 0;
    std::string text;  ///< for a person
};

/// Reads the requests of one connection, one after the other. No byte of a body is believed in before it has come.
class http_request_reader {
  public:
    enum class state : std::uint8_t {
        reading,   ///< not all of a request has come
        complete,  ///< take() gives it
        refused,   ///< why() says why; nothing more can be read from this connection
    };

    /// Bytes of the request line and all header fields.
    static constexpr std::size_t head_bytes_max = std::size_t{16} << 10;
    /// Bytes of a function's name and of a unique key together, so that the packet made of them is one that peers take.
    static constexpr std::size_t names_bytes_max = 8000;

    /// A body may have `body_bytes_max` bytes.
    explicit http_request_reader(std::uint64_t body_bytes_max);
    ~http_request_reader();
    http_request_reader(const http_request_reader&) = delete;
    http_request_reader& operator=(const http_request_reader&) = delete;

    [[nodiscard]] state what() const noexcept { return state_; }
    [[nodiscard]] const http_refusal& why() const noexcept { return why_; }
    /// Something of a request has come.
    [[nodiscard]] bool has_begun() const noexcept { return bytes_ != 0; }
    /// How much of it.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    /// Whether the peer waits to be told to send the body. Once for each request.
    [[nodiscard]] bool take_continue() noexcept;

    /// Takes bytes up to the end of a request, and returns how many. When that is less than all, what() is not `reading`.
    [[nodiscard]] std::size_t feed(std::string_view bytes);
    /// The complete request; the next one may be fed then.
    [[nodiscard]] http_request take();

  private:
    struct parser;

    std::size_t step(std::string_view bytes);
    std::size_t keep(std::string_view bytes);
    std::size_t put(std::string_view bytes);
    void read_head();
    // These say whether the request is still wanted.
    bool read_method();
    bool read_target();
    bool read_fields();
    bool refuse(unsigned status, std::string text);

    std::uint64_t body_bytes_max_;
    std::unique_ptr<parser> parser_;
    std::string pending_;  ///< the start of a head
    std::uint64_t bytes_ = 0;
    bool head_is_read_ = false;
    bool wants_continue_ = false;
    http_request request_;
    state state_ = state::reading;
    http_refusal why_;
};

}  // namespace sheaf::server
