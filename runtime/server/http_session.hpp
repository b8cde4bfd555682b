// One connected peer that submits jobs by HTTP. To the broker it is a client as any other.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "net/stream.hpp"
#include "protocol/frame_reader.hpp"
#include "server/http_exchange.hpp"
#include "server/session.hpp"

namespace sheaf::server {

/// The sockets and clocks around an http_exchange.
class http_session final : public session, private http_surroundings {
  public:
    http_session(hub& owner, broker::connection_id id, net::loop& where, std::uint32_t body_bytes_max);
    ~http_session() override;

    /// Begins to read from `socket`.
    void open(net::stream_socket socket, const net::stream_terms& how);

    [[nodiscard]] net::stream& stream() noexcept override;
    [[nodiscard]] protocol::output_buffer& output() override;
    [[nodiscard]] protocol::output_buffer& unhurried_output() override { return output(); }

  private:
    class wire_stream;

    // http_surroundings
    void submit(const protocol::packet_view& packet) override;
    [[nodiscard]] protocol::output_buffer& wire() override;
    void close_after_flush(std::string reason) override;
    void cut(std::string reason) override;

    void begin();
    void translate();
    void settle();
    void await_deadline();
    [[nodiscard]] http_exchange::instant now() const;

    net::loop& loop_;
    http_exchange exchange_;
    protocol::output_buffer said_;  ///< by the broker, in packets, since the last flush
    protocol::frame_reader reader_;
    boost::asio::steady_timer timer_;
    http_exchange::time_point armed_for_ = http_exchange::time_point::max();
    std::shared_ptr<wire_stream> stream_;
};

}  // namespace sheaf::server
