// A byte stream (TCP or Unix-domain socket, in the clear or by TLS) on a loop: reads when there is something, writes once per
// turn, and limits what piles up for a peer that does not read. What the bytes mean is the derived class's matter.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/loop.hpp"
#include "net/tls_session.hpp"
#include "protocol/output_buffer.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

/// When a TCP peer that says nothing is asked for a sign of life, how often, and how many questions it may leave open.
struct keepalive {
    int idle_seconds = 60;
    int interval_seconds = 15;
    int count = 4;
};

/// How a stream is made. `tls` empty: in the clear. `host` is what a client's peer has to be, by its certificate.
struct stream_terms {
    std::size_t output_bytes_max;
    net::keepalive keepalive{};
    std::shared_ptr<const tls_context> tls{};
    std::string_view host{};
};

/// Owned by shared_ptr: the loop keeps it alive too, from start() until it is closed.
class stream : public pollable, public std::enable_shared_from_this<stream> {
  public:
    ~stream() override;
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    /// Begins to read. TLS begins with its handshake: what is written meanwhile waits for its end.
    void start();
    /// Where bytes for the peer are written. Flushed by itself at the end of the turn.
    [[nodiscard]] protocol::output_buffer& output();
    /// The same, but not flushed by itself.
    [[nodiscard]] protocol::output_buffer& unhurried_output() noexcept { return output_; }
    /// Writes what is there, as far as the socket takes it now.
    virtual void flush();
    /// Reads no more, writes what is there, then closes.
    void close_after_flush(std::string reason);
    /// Closes at once.
    void close(error why);

    /// While its input is held nothing is read, until it lets go: what the peer sends waits in its and the kernel's buffers. What was
    /// read already is taken, and a peer that has left is noticed late.
    void hold_input(bool held);
    [[nodiscard]] bool is_input_held() const noexcept { return held_; }

    [[nodiscard]] bool is_open() const noexcept { return !closed_; }
    /// Whether both sides know each other by TLS; always, in the clear.
    [[nodiscard]] bool is_secured() const noexcept { return tls_ == nullptr || !tls_->deadline; }
    [[nodiscard]] int descriptor() const noexcept { return socket_; }
    /// The peer's IP address, or "unix".
    [[nodiscard]] const std::string& peer_address() const noexcept { return peer_address_; }

  protected:
    stream(loop& where, stream_socket socket, const stream_terms& how);

    /// Where the next bytes go, never empty: in `scratch`, which is at least frame_reader::scratch_bytes_min, or elsewhere.
    virtual std::span<char> room(std::span<char> scratch) = 0;
    /// The first `n` bytes of the room were filled. False when the stream was closed by it.
    virtual bool take(std::size_t n) = 0;
    /// The TLS handshake is done.
    virtual void secured() {}
    /// The stream has ended. Once, last, and never from within another call into it.
    virtual void ended(const error& why) = 0;
    /// What a peer that begins with `first`, which is not TLS, is told in the clear by a server that wants TLS.
    [[nodiscard]] virtual std::string plain_refusal(char first) const = 0;

    /// Whether the peer is heard. While it is not, it is noticed when it goes, and what came by TLS in one read with what was
    /// heard is still taken.
    void listen_to_peer(bool heard);
    /// close() or close_after_flush() was called.
    [[nodiscard]] bool is_ending() const noexcept { return closed_ || closing_; }

  private:
    static constexpr std::size_t pieces_per_write = 64;
    /// Reads in a row before the other streams get their turn.
    static constexpr int reads_per_turn = 4;

    struct secure {
        secure(std::shared_ptr<const tls_context> of, std::string_view host, boost::asio::io_context& context)
            : session(std::move(of), host), deadline(std::in_place, context) {}
        tls_session session;
        std::optional<boost::asio::steady_timer> deadline;  ///< of the handshake; empty after it
        bool heard = false;                                 ///< something has come
    };

    void on_ready(std::uint32_t events) override;
    void read();
    std::size_t receive(std::span<char> into);
    void send_plain();
    void wait_writable();
    void limit_output();
    void watch();

    void await_handshake();
    void read_secure();
    [[nodiscard]] bool read_wire();
    void take_secure();
    void become_secure();
    void send_secure();
    void encrypt_output();
    void fail_writing(int number);
    void refuse_plain(char first);
    [[nodiscard]] error end_of_peer() const;
    /// What a system call's errno means for the stream.
    [[nodiscard]] static error broken(int number, std::string_view doing);

    loop& loop_;
    int socket_;
    std::size_t output_bytes_max_;
    protocol::output_buffer output_;
    std::string peer_address_;
    std::unique_ptr<secure> tls_;
    bool dirty_ = false;             ///< the loop will flush it
    bool waiting_writable_ = false;  ///< the socket was full
    bool closing_ = false;           ///< close_after_flush was called
    bool started_ = false;           ///< start() was called
    bool heard_ = true;              ///< listen_to_peer()
    bool held_ = false;              ///< hold_input()
    bool closed_ = false;
    std::string close_reason_;
};

}  // namespace sheaf::net
