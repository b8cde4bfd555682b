#include "server/session.hpp"

#include <utility>

#include "server/hub.hpp"

namespace sheaf::server {

void gearman_session::open(std::shared_ptr<net::connection> connection) {
    connection_ = std::move(connection);
    if (connection_->is_secured()) hub_.know(*this);
    connection_->start();
}

void gearman_session::on_secured(net::connection&) { hub_.know(*this); }

void gearman_session::on_packet(net::connection&, const protocol::packet_view& packet) { hub_.packet(id(), packet); }

void gearman_session::on_oversized(net::connection&, const protocol::packet_view& start, std::uint32_t bytes) {
    hub_.oversized(id(), start, bytes);
}

void gearman_session::on_line(net::connection&, std::string_view line) { hub_.line(id(), line); }

void gearman_session::on_closed(net::connection&, const error& why) { hub_.gone(id(), why); }

}  // namespace sheaf::server
