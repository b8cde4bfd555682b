// What the broker says to its peers, in the order in which they must hear it.
#pragma once

#include <string_view>

#include "broker/world.hpp"
#include "protocol/encode.hpp"

namespace sheaf::broker {

/// Where the next packet to `to` is written: behind the acknowledgements that are held back, if any are.
[[nodiscard]] inline protocol::output_buffer& out(world& w, connection_id to) {
    hold_queue& holds = w.connections[to].holds;
    return holds.empty() ? w.effects.frame(to) : holds.later();
}

template <protocol::packet_type Type, class... Parts>
void send(world& w, connection_id to, const Parts&... parts) {
    protocol::write_response<Type>(out(w, to), parts...);
}

/// An ERROR packet: gearmand's name of the error, and a sentence.
inline void send_error(world& w, connection_id to, std::string_view code, std::string_view text) {
    send<protocol::packet_type::error>(w, to, code, text);
}

/// ERROR for an argument that is longer than `limit` bytes.
void send_too_large(world& w, connection_id to, std::string_view what, std::size_t limit);

/// Resolves the held acknowledgement `ticket` of `to`, and sends all that nothing holds back any more.
void resolve_hold(world& w, connection_id to, std::uint64_t ticket, acknowledgement outcome);

}  // namespace sheaf::broker
