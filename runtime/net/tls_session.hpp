// One side of one TLS connection, without its socket: bytes of the wire go in and come out, and so do the user's.
//
// Flow:  session.feed(bytes)             what the peer has sent; the view has to last until read() says 0
//        while (n = session.read(room))  what was in it for the user
//        session.what()                  whether it goes on
//        session.write(bytes)            what the user has for the peer, when it is open
//        session.wire()                  what is to be sent then, whatever was called before
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/tls_context.hpp"
#include "sheaf/runtime/error.hpp"

struct ssl_st;

namespace sheaf::net {

class tls_session {
  public:
    enum class state : std::uint8_t {
        shaking_hands,  ///< nothing of the user's can be sent or read yet
        open,           ///< both sides know each other
        ended,          ///< the peer has said that it sends nothing more
        failed,         ///< why() says what is wrong; wire() may hold a last word for the peer
    };

    /// So much waits at most to be sent; write() takes nothing more until it was.
    static constexpr std::size_t wire_bytes_max = std::size_t{128} << 10;

    /// A client's session begins with something to be sent. `host` is the name or address that it connects to.
    tls_session(std::shared_ptr<const tls_context> of, std::string_view host);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    [[nodiscard]] state what() const noexcept { return state_; }
    [[nodiscard]] const error& why() const noexcept { return why_; }
    [[nodiscard]] bool is_client() const noexcept { return context_->which() == tls_context::side::client; }
    [[nodiscard]] std::chrono::milliseconds handshake_timeout() const noexcept {
        return context_->options().handshake_timeout;
    }

    void feed(std::string_view wire);
    /// How many bytes of `room` were filled; 0 when what was fed is used up, or nothing more will come.
    [[nodiscard]] std::size_t read(std::span<char> room);
    /// How many bytes of `plain` were taken.
    [[nodiscard]] std::size_t write(std::string_view plain);
    /// Tells the peer that nothing more will come.
    void end();

    [[nodiscard]] std::string_view wire() const noexcept { return std::string_view(out_).substr(out_head_); }
    /// Forgets the first `n` bytes of wire(), which have been sent.
    void sent(std::size_t n) noexcept;

  private:
    friend struct tls_wire;

    void shake_hands();
    void expect_name(std::string_view host);
    /// What came of a call that has returned `result`.
    void judge(int result);
    void fail();
    [[nodiscard]] std::string describe_failure() const;

    std::shared_ptr<const tls_context> context_;
    const open_ssl& ssl_;
    ssl_st* session_;
    std::string name_;
    std::string_view in_;
    std::string out_;
    std::size_t out_head_ = 0;
    state state_ = state::shaking_hands;
    error why_;
};

}  // namespace sheaf::net
