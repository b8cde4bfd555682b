#include "net/connection.hpp"

#include <utility>

#include "protocol/encode.hpp"

namespace sheaf::net {

connection::connection(loop& where, stream_socket socket, connection_handler& handler, const connection_options& how)
    : stream(where, std::move(socket),
             {.output_bytes_max = how.output_bytes_max, .keepalive = how.keepalive, .tls = how.tls, .host = how.host}),
      handler_(&handler),
      reader_(how.frames) {}

// Hands over every message that is complete.
bool connection::take(std::size_t n) {
    reader_.received(n);
    while (true) {
        switch (reader_.next()) {
            case protocol::frame_reader::status::need_more: return true;
            case protocol::frame_reader::status::packet: handler_->on_packet(*this, reader_.packet()); break;
            case protocol::frame_reader::status::line: handler_->on_line(*this, reader_.line()); break;
            case protocol::frame_reader::status::oversized:
                handler_->on_oversized(*this, reader_.packet(), reader_.announced());
                break;
            case protocol::frame_reader::status::error: close(reader_.why()); return false;
        }
        if (is_ending()) return false;
    }
}

// A client of Gearman shows its user the text of an ERROR packet.
std::string connection::plain_refusal(char first) const {
    if (first != '\0') return "ERR TLS_REQUIRED This+port+wants+TLS\r\n";
    protocol::output_buffer out;
    protocol::write_response<protocol::packet_type::error>(out, "TLS_REQUIRED", "This port wants TLS");
    std::string_view packet;
    (void)out.gather({&packet, 1});
    return std::string(packet);
}

}  // namespace sheaf::net
