// Feeds bytes to a frame_reader in pieces, as a connection would that shares its scratch with others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame_reader.hpp"

namespace sheaf::test {

/// A copy of one message of a frame_reader, or of its error.
struct read_message {
    protocol::frame_reader::status status{};
    protocol::packet_type type{};
    protocol::direction way{};
    std::vector<std::string> arguments{};
    std::string data{};  ///< or the text line
    errc fault = errc::ok;

    friend bool operator==(const read_message&, const read_message&) = default;
};

/// What came out of a reader, and how much memory it held at worst.
struct read_result {
    std::vector<read_message> messages;
    std::vector<shared_bytes> shared;  ///< what share_data() of each packet gave
    std::size_t received = 0;          ///< bytes that the reader took; an error ends the reading
    std::size_t excess_bytes = 0;      ///< the most memory held above twice the bytes received until then
    std::size_t held_at_end = 0;
};

inline read_message copy_message(const protocol::frame_reader& reader, protocol::frame_reader::status status) {
    using enum protocol::frame_reader::status;
    read_message copy;
    copy.status = status;
    if (status == line) copy.data = reader.line();
    if (status == error) copy.fault = reader.why().code;
    if (status == packet || status == oversized) {
        const protocol::packet_view& from = reader.packet();
        copy.type = from.type;
        copy.way = from.way;
        for (std::size_t i = 0; i < protocol::info(from.type).arguments; ++i) copy.arguments.emplace_back(from[i]);
        copy.data = from.data;
    }
    return copy;
}

/// Overwrites the part of `scratch` before `end`, if that lies in it, as another connection's bytes would.
inline void spoil(std::vector<char>& scratch, const char* end) {
    const bool used = end >= scratch.data() && end <= scratch.data() + scratch.size();
    if (used) std::fill(scratch.data(), scratch.data() + (end - scratch.data()), '\xEE');
}

/// Feeds `bytes` in pieces of `next_size(bytes left)` bytes (as far as the reader has room), and spoils the scratch between them.
template <class NextSize>
read_result feed(protocol::frame_reader& reader, std::string_view bytes, NextSize&& next_size) {
    using enum protocol::frame_reader::status;
    std::vector<char> scratch(protocol::frame_reader::scratch_bytes_min);
    read_result result;
    while (!bytes.empty()) {
        const auto room = reader.prepare(scratch);
        const std::size_t wanted = std::max<std::size_t>(1, next_size(bytes.size()));
        const std::size_t n = std::min({room.size(), bytes.size(), wanted});
        std::memcpy(room.data(), bytes.data(), n);
        bytes.remove_prefix(n);
        reader.received(n);
        result.received += n;
        auto status = reader.next();
        for (; status == packet || status == line || status == oversized; status = reader.next()) {
            result.messages.push_back(copy_message(reader, status));
            if (status == packet) result.shared.push_back(reader.packet().share_data());
        }
        if (status == error) {
            result.messages.push_back(copy_message(reader, status));
            break;
        }
        spoil(scratch, room.data() + n);
        const std::size_t allowed = 2 * result.received;
        result.excess_bytes =
            std::max(result.excess_bytes, reader.held_bytes() - std::min(reader.held_bytes(), allowed));
    }
    result.held_at_end = reader.held_bytes();
    return result;
}

/// Feeds `bytes` in pieces that are as large as the reader takes.
inline read_result feed_whole(protocol::frame_reader& reader, std::string_view bytes) {
    return feed(reader, bytes, [](std::size_t left) { return left; });
}

}  // namespace sheaf::test
