// One connected peer of the server: its connection and the number by which the broker knows it.
#pragma once

#include <memory>

#include "broker/types.hpp"
#include "net/connection.hpp"

namespace sheaf::server {

class hub;

/// Hands what arrives to the hub. Owned by the hub until its stream has ended.
class session {
  public:
    virtual ~session() = default;
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    [[nodiscard]] broker::connection_id id() const noexcept { return id_; }
    [[nodiscard]] virtual net::stream& stream() noexcept = 0;
    /// Where the broker's packets are written. They reach the peer at the end of the turn.
    [[nodiscard]] virtual protocol::output_buffer& output() = 0;
    /// The same, but they may be late: until the stream is flushed.
    [[nodiscard]] virtual protocol::output_buffer& unhurried_output() = 0;
    /// Whether the broker knows of it: from then on when nothing more has to be said by TLS first.
    [[nodiscard]] bool is_known() const noexcept { return is_known_; }
    void become_known() noexcept { is_known_ = true; }

  protected:
    session(hub& owner, broker::connection_id id) : hub_(owner), id_(id) {}

    hub& hub_;

  private:
    broker::connection_id id_;
    bool is_known_ = false;
};

/// A peer that speaks the Gearman protocol.
class gearman_session final : public session, public net::connection_handler {
  public:
    gearman_session(hub& owner, broker::connection_id id) : session(owner, id) {}

    /// Begins to read from `connection`, which has this session as its handler.
    void open(std::shared_ptr<net::connection> connection);

    [[nodiscard]] net::stream& stream() noexcept override { return *connection_; }
    [[nodiscard]] protocol::output_buffer& output() override { return connection_->output(); }
    [[nodiscard]] protocol::output_buffer& unhurried_output() override { return connection_->unhurried_output(); }

    void on_secured(net::connection& which) override;
    void on_packet(net::connection& from, const protocol::packet_view& packet) override;
    void on_oversized(net::connection& from, const protocol::packet_view& start, std::uint32_t bytes) override;
    void on_line(net::connection& from, std::string_view line) override;
    void on_closed(net::connection& which, const error& why) override;

  private:
    std::shared_ptr<net::connection> connection_;
};

}  // namespace sheaf::server
