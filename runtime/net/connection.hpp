// A byte stream (TCP or Unix-domain socket) that carries Gearman packets and text lines both ways.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "net/loop.hpp"
#include "protocol/frame_reader.hpp"
#include "protocol/output_buffer.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::net {

using stream_socket = boost::asio::generic::stream_protocol::socket;

/// Receives what happens on a connection, on the loop's thread.
class connection_handler {
  public:
    virtual ~connection_handler() = default;
    /// `packet` and its views are valid during the call.
    virtual void on_packet(connection& from, const protocol::packet_view& packet) = 0;
    /// A line of the text protocol, without its newline.
    virtual void on_line(connection& from, std::string_view line) = 0;
    /// The connection has ended, by the peer (errc::connection_lost), by an error, or because close() was called. Called
    /// once, last, and never from within another call into the connection.
    virtual void on_closed(connection& which, const error& why) = 0;
};

/// When a TCP peer that says nothing is asked for a sign of life, how often, and how many questions it may leave open.
struct keepalive {
    int idle_seconds = 60;
    int interval_seconds = 15;
    int count = 4;
};

/// Limits and habits of one connection.
struct connection_options {
    protocol::frame_limits frames;
    /// What a peer that does not read may let pile up before it is cut off.
    std::size_t output_bytes_max = std::size_t{256} << 20;
    net::keepalive keepalive{};
};

/// Owned by shared_ptr: the loop keeps it alive too, from start() until it is closed. `handler` must live until on_closed.
class connection final : public pollable, public std::enable_shared_from_this<connection> {
  public:
    connection(loop& where, stream_socket socket, connection_handler& handler, connection_options how = {});
    ~connection() override;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Begins to read.
    void start();
    /// Where packets for the peer are written. Flushed by itself at the end of the turn.
    [[nodiscard]] protocol::output_buffer& output();
    /// The same, but not flushed by itself.
    [[nodiscard]] protocol::output_buffer& unhurried_output() noexcept { return output_; }
    /// Writes what is there, as far as the socket takes it now.
    void flush();
    /// Reads no more, writes what is there, then closes.
    void close_after_flush(std::string reason);
    /// Closes at once.
    void close(error why);

    [[nodiscard]] bool is_open() const noexcept { return !closed_; }
    [[nodiscard]] int descriptor() const noexcept { return socket_; }
    /// The peer's IP address, or "unix".
    [[nodiscard]] const std::string& peer_address() const noexcept { return peer_address_; }

  private:
    friend class loop;

    void on_ready(std::uint32_t events) override;
    void read();
    bool deliver();
    void wait_writable();
    void limit_output();
    void watch();

    loop& loop_;
    int socket_;
    connection_handler* handler_;
    connection_options how_;
    protocol::frame_reader reader_;
    protocol::output_buffer output_;
    std::string peer_address_;
    bool dirty_ = false;             ///< the loop will flush it
    bool waiting_writable_ = false;  ///< the socket was full
    bool closing_ = false;           ///< close_after_flush was called
    bool started_ = false;           ///< start() was called
    std::string close_reason_;
    bool closed_ = false;
};

}  // namespace sheaf::net
