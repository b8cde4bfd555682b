// Packets as values that can wait on a simulated wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/packet.hpp"

namespace sheaf::sim {

struct message {
    protocol::packet_type type{};
    std::vector<std::string> words;  ///< the arguments
    std::string data;
    std::string line;  ///< of the text protocol; then nothing else is set

    [[nodiscard]] bool is(protocol::packet_type other) const { return line.empty() && type == other; }
};

/// A request of `type`.
inline message request(protocol::packet_type type, std::vector<std::string> words = {}, std::string data = {}) {
    return {type, std::move(words), std::move(data), {}};
}

/// `m` as the broker reads it; views of `m`.
inline protocol::packet_view view_of(const message& m) {
    protocol::packet_view packet;
    packet.type = m.type;
    for (std::size_t i = 0; i < m.words.size(); ++i) packet.arguments[i] = m.words[i];
    packet.data = m.data;
    return packet;
}

/// Everything in `bytes`, which the broker wrote.
std::vector<message> decode(std::string_view bytes);

}  // namespace sheaf::sim
