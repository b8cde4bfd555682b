// Packets of any type as bytes, for tests that run over the whole packet table.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/encode.hpp"

namespace sheaf::test {

/// All that waits in `out`, which is empty afterwards.
inline std::string take_all(protocol::output_buffer& out) {
    std::string bytes;
    std::array<std::string_view, 16> pieces;
    while (!out.empty()) {
        const std::size_t used = out.gather(pieces);
        std::size_t taken = 0;
        for (std::size_t i = 0; i < used; ++i) {
            bytes += pieces[i];
            taken += pieces[i].size();
        }
        out.consume(taken);
    }
    return bytes;
}

namespace detail {

template <protocol::packet_type Type, std::size_t... I>
void write_as(protocol::output_buffer& out, const protocol::packet_view& packet, std::index_sequence<I...>) {
    if constexpr (protocol::info(Type).has_data) {
        protocol::write<Type>(out, packet.way, packet.arguments[I]..., packet.data);
    } else {
        protocol::write<Type>(out, packet.way, packet.arguments[I]...);
    }
}

template <std::size_t Row>
void write_if_row(protocol::output_buffer& out, const protocol::packet_view& packet) {
    constexpr protocol::packet_type type = protocol::packet_table[Row].type;
    if (packet.type == type) write_as<type>(out, packet, std::make_index_sequence<protocol::info(type).arguments>{});
}

}  // namespace detail

/// Appends `packet`, whose type is known only now, by the encoder of its type.
inline void write_any(protocol::output_buffer& out, const protocol::packet_view& packet) {
    [&]<std::size_t... Row>(std::index_sequence<Row...>) {
        (detail::write_if_row<Row>(out, packet), ...);
    }(std::make_index_sequence<protocol::packet_table.size()>{});
}

/// The bytes of `packet`.
inline std::string bytes_of(const protocol::packet_view& packet) {
    protocol::output_buffer out;
    write_any(out, packet);
    return take_all(out);
}

/// A header that announces `size` bytes, of any type number.
inline std::string header(std::uint32_t type, std::uint32_t size, std::string_view magic = {"\0REQ", 4}) {
    std::string bytes(magic);
    for (const std::uint32_t number : {type, size}) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    }
    return bytes;
}

}  // namespace sheaf::test
