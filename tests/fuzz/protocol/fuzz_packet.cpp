// A body that parses is written back to the same bytes, but for what the reader says it ignores, and reads as the same packet.
//
// Input: one byte that picks the type, one for the direction, then the packet's body.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "protocol/packet.hpp"
#include "support/frame_feed.hpp"
#include "support/packet_bytes.hpp"

namespace {

using namespace sheaf;

bool inside(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_parts(const protocol::packet_view& packet, std::string_view body) {
    for (const std::string_view argument : packet.arguments) {
        SHEAF_ASSERT(inside(argument, body), "an argument is a part of the body");
        SHEAF_ASSERT(argument.find('\0') == std::string_view::npos, "no argument holds a NUL");
    }
    SHEAF_ASSERT(inside(packet.data, body), "the data is a part of the body");
    if (const auto job = protocol::as_submission(packet)) {
        SHEAF_ASSERT(job->function == packet[0] && job->unique == packet[1],
                     "a submission is the packet in other words");
    }
}

void check_bytes(const protocol::packet_view& packet, std::string_view written, std::string_view body) {
    const protocol::packet_info& row = protocol::info(packet.type);
    written.remove_prefix(protocol::header_size);
    SHEAF_ASSERT(body.starts_with(written), "what is written is what was read");
    const std::string_view ignored = body.substr(written.size());
    if (row.has_data) SHEAF_ASSERT(ignored.empty(), "data goes to the end of the packet");
    if (row.arguments != 0) SHEAF_ASSERT(ignored.empty() || ignored.front() == '\0', "only a NUL ends an argument");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto type = static_cast<protocol::packet_type>(data[0] % protocol::packet_table.size() + 1);
    const auto way = data[1] % 2 == 0 ? protocol::direction::request : protocol::direction::response;
    const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);

    protocol::packet_view packet;
    if (!protocol::parse_packet(type, way, body, packet)) return 0;
    check_parts(packet, body);
    const std::string written = test::bytes_of(packet);
    check_bytes(packet, written, body);

    protocol::frame_reader reader({.argument_bytes_max = body.size()});
    const auto again = test::feed_whole(reader, written);
    SHEAF_ASSERT(again.messages.size() == 1, "one packet was written");
    const test::read_message& message = again.messages.front();
    SHEAF_ASSERT(message.type == type && message.way == way && message.data == packet.data, "it reads as it was");
    for (std::size_t i = 0; i < message.arguments.size(); ++i) {
        SHEAF_ASSERT(message.arguments[i] == packet.arguments[i], "it reads as it was");
    }
    return 0;
}
