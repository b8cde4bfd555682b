// A stream that carries Gearman packets and text lines both ways.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/stream.hpp"
#include "protocol/frame_reader.hpp"

namespace sheaf::net {

class connection;

/// Receives what happens on a connection, on the loop's thread.
class connection_handler {
  public:
    virtual ~connection_handler() = default;
    /// Both sides know each other by TLS. Never called in the clear; before it, nothing else is but on_closed.
    virtual void on_secured(connection&) {}
    /// `packet` and its views are valid during the call.
    virtual void on_packet(connection& from, const protocol::packet_view& packet) = 0;
    /// A worker said more of a job than it may, in `bytes` bytes; `start` is that packet without its data, of which nothing is
    /// kept. Only where frame_limits::skips_results is set.
    virtual void on_oversized(connection&, const protocol::packet_view& /*start*/, std::uint32_t /*bytes*/) {}
    /// A line of the text protocol, without its newline.
    virtual void on_line(connection& from, std::string_view line) = 0;
    /// The connection has ended, by the peer (errc::connection_lost), by an error, or because close() was called. Called
    /// once, last, and never from within another call into the connection.
    virtual void on_closed(connection& which, const error& why) = 0;
};

/// Limits and habits of one connection.
struct connection_options {
    protocol::frame_limits frames;
    /// What a peer that does not read may let pile up before it is cut off.
    std::size_t output_bytes_max = std::size_t{256} << 20;
    net::keepalive keepalive{};
    /// Empty: in the clear.
    std::shared_ptr<const tls_context> tls{};
    /// Whom a client's peer has to be, by its certificate: a name or an address. Read by the constructor.
    std::string_view host{};
};

/// `handler` must live until on_closed.
class connection final : public stream {
  public:
    connection(loop& where, stream_socket socket, connection_handler& handler, const connection_options& how = {});

  private:
    std::span<char> room(std::span<char> scratch) override { return reader_.prepare(scratch); }
    bool take(std::size_t n) override;
    void secured() override { handler_->on_secured(*this); }
    void ended(const error& why) override { handler_->on_closed(*this, why); }
    [[nodiscard]] std::string plain_refusal(char first) const override;

    connection_handler* handler_;
    protocol::frame_reader reader_;
};

}  // namespace sheaf::net
