#include "server/session.hpp"

#include <utility>

#include "server/hub.hpp"

namespace sheaf::server {

void session::open(std::shared_ptr<net::connection> connection) {
    connection_ = std::move(connection);
    if (connection_->is_secured()) hub_.know(*this);
    connection_->start();
}

void session::on_secured(net::connection&) { hub_.know(*this); }

void session::on_packet(net::connection&, const protocol::packet_view& packet) { hub_.packet(id_, packet); }

void session::on_line(net::connection&, std::string_view line) { hub_.line(id_, line); }

void session::on_closed(net::connection&, const error& why) { hub_.gone(id_, why); }

}  // namespace sheaf::server
