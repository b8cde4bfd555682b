// One connected peer of the server: its connection and the number by which the broker knows it.
#pragma once

#include <memory>

#include "broker/types.hpp"
#include "net/connection.hpp"

namespace sheaf::server {

class hub;

/// Hands what arrives to the hub. Owned by the hub from open() to on_closed.
class session final : public net::connection_handler {
  public:
    session(hub& owner, broker::connection_id id) : hub_(owner), id_(id) {}

    /// Begins to read from `connection`, which has this session as its handler.
    void open(std::shared_ptr<net::connection> connection);

    [[nodiscard]] broker::connection_id id() const noexcept { return id_; }
    [[nodiscard]] net::connection& connection() noexcept { return *connection_; }
    /// Whether the broker knows of it: from then on when nothing more has to be said by TLS first.
    [[nodiscard]] bool is_known() const noexcept { return is_known_; }
    void become_known() noexcept { is_known_ = true; }

    void on_secured(net::connection& which) override;
    void on_packet(net::connection& from, const protocol::packet_view& packet) override;
    void on_line(net::connection& from, std::string_view line) override;
    void on_closed(net::connection& which, const error& why) override;

  private:
    hub& hub_;
    broker::connection_id id_;
    bool is_known_ = false;
    std::shared_ptr<net::connection> connection_;
};

}  // namespace sheaf::server
