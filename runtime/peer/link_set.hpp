// The sockets behind a client or worker: one connector or connection per server, on one loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "net/connection.hpp"
#include "net/connector.hpp"
#include "net/loop.hpp"
#include "sheaf/runtime/endpoint.hpp"
#include "sheaf/runtime/error.hpp"
#include "sheaf/runtime/tls.hpp"

namespace sheaf::peer {

/// What a client or worker of `servers` needs for those that want TLS, if there are any; with the environment's files where
/// `how` leaves some out. Throws runtime_failure when they cannot be used.
[[nodiscard]] std::shared_ptr<const net::tls_context> tls_for(const std::vector<endpoint>& servers,
                                                              const runtime::tls_options& how);

/// Hears what happens to the servers' connections, on the loop's thread.
class link_events {
  public:
    virtual ~link_events() = default;
    virtual void on_connected(std::size_t server) = 0;
    virtual void on_connect_failed(std::size_t server, const error& why) = 0;
    virtual void on_lost(std::size_t server, const error& why) = 0;
    virtual void on_packet(std::size_t server, const protocol::packet_view& packet) = 0;
    virtual void on_line(std::size_t server, std::string_view line) = 0;
    /// A connection that was closed from this side has ended; all_gone() may have changed.
    virtual void on_released() = 0;
};

/// Opens and closes connections when told to. Decides nothing.
class link_set {
  public:
    /// `events` must outlive the set; `message_bytes_max` limits what a server may send in one packet; `tls` comes from
    /// tls_for() for the same servers.
    link_set(net::loop& where, std::vector<endpoint> servers, std::chrono::milliseconds connect_timeout,
             std::uint32_t message_bytes_max, std::shared_ptr<const net::tls_context> tls, link_events& events);
    ~link_set();
    link_set(const link_set&) = delete;
    link_set& operator=(const link_set&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return servers_.size(); }
    /// Tries to reach `server`, and to shake hands with it where it speaks TLS; on_connected or on_connect_failed follows, never from within this call.
    void connect(std::size_t server);
    /// Where packets for `server`, which must be connected, are written; sent at the end of the turn.
    [[nodiscard]] protocol::output_buffer& output(std::size_t server);
    /// How much the server that is furthest behind has not read.
    [[nodiscard]] std::size_t unsent_bytes();
    /// Drops the connection or attempt. Nothing more is heard of it.
    void close(std::size_t server, const error& why);
    /// Sends what is there, then closes, all of them; nothing more is heard. A server that does not read holds this up:
    /// see abandon().
    void close_all_after_flush();
    /// Ends at once what close_all_after_flush() has left open.
    void abandon();
    /// Whether all connections have ended, also those that were still being flushed.
    [[nodiscard]] bool all_gone() const noexcept { return gone_ == connections_made_; }

  private:
    class one_link;
    struct place {
        endpoint where;
        std::unique_ptr<net::connector> attempt;
        std::shared_ptr<one_link> link;
    };

    void opened(std::size_t server, basic_result<net::stream_socket> outcome);

    net::loop& loop_;
    std::vector<place> servers_;
    std::chrono::milliseconds connect_timeout_;
    std::uint32_t message_bytes_max_;
    std::shared_ptr<const net::tls_context> tls_;
    link_events& events_;
    std::vector<std::weak_ptr<one_link>> closing_;
    std::size_t connections_made_ = 0;
    std::size_t gone_ = 0;
};

}  // namespace sheaf::peer
