// What a well-behaved peer sends comes out whole, however the network cuts it.
#include "protocol/frame_reader.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/frame_feed.hpp"
#include "support/packet_bytes.hpp"

namespace sheaf::protocol {
namespace {

using test::feed;
using test::feed_whole;
using test::read_message;
using enum frame_reader::status;

// A packet of `row` whose parts all differ, with NULs in its data.
packet_view sample(const packet_info& row, direction way) {
    static constexpr std::array<std::string_view, max_arguments> words{"first", "2", "", "fourth", "5", "sixth", "7"};
    packet_view packet;
    packet.type = row.type;
    packet.way = way;
    for (std::size_t i = 0; i < row.arguments; ++i) packet.arguments[i] = words[i];
    if (row.has_data) packet.data = std::string_view("\0data\n\0", 7);
    return packet;
}

read_message expected(const packet_view& packet) {
    read_message message{.status = frame_reader::status::packet, .type = packet.type, .way = packet.way};
    for (std::size_t i = 0; i < info(packet.type).arguments; ++i) message.arguments.emplace_back(packet[i]);
    message.data = packet.data;
    return message;
}

packet_view submit(std::string_view data) {
    packet_view packet;
    packet.type = packet_type::submit_job;
    packet.arguments[0] = "reverse";
    packet.data = data;
    return packet;
}

TEST(frame_reader, every_packet_type_survives_every_split_in_two) {
    for (const packet_info& row : packet_table) {
        for (const direction way : {direction::request, direction::response}) {
            const packet_view packet = sample(row, way);
            const std::string bytes = test::bytes_of(packet);
            for (std::size_t split = 1; split <= bytes.size(); ++split) {
                SCOPED_TRACE(std::string(row.name) + " split at " + std::to_string(split));
                frame_reader reader;
                std::size_t next = split;
                const auto result = feed(reader, bytes, [&](std::size_t left) { return std::exchange(next, left); });
                ASSERT_EQ(result.messages, std::vector{expected(packet)});
            }
        }
    }
}

TEST(frame_reader, pipelined_packets_and_lines_come_out_in_order_byte_by_byte_and_at_random_splits) {
    std::string bytes;
    std::vector<read_message> all;
    for (const packet_info& row : packet_table) {
        const packet_view packet = sample(row, direction::request);
        bytes += test::bytes_of(packet);
        all.push_back(expected(packet));
        bytes += "status of " + std::string(row.name) + (all.size() % 4 == 0 ? "\r\n" : "\n");
        all.push_back({.status = line, .data = "status of " + std::string(row.name)});
    }
    {
        frame_reader reader;
        ASSERT_EQ(feed(reader, bytes, [](std::size_t) { return 1UL; }).messages, all);
    }
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        frame_reader reader;
        ASSERT_EQ(feed(reader, bytes, [&](std::size_t) { return 1 + random() % 200; }).messages, all);
    }
}

TEST(frame_reader, packets_of_every_size_around_the_thresholds_survive_random_splits) {
    std::string payload(300'000, '\0');
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 >> 3);
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        std::string bytes;
        std::vector<read_message> all;
        for (const std::size_t size : {0UL, 32'700UL + random() % 100, 65'500UL + random() % 100, 300'000UL, 10UL}) {
            packet_view packet = submit(std::string_view(payload).substr(0, size));
            packet.way = random() % 2 == 0 ? direction::request : direction::response;
            bytes += test::bytes_of(packet);
            all.push_back(expected(packet));
        }
        frame_reader reader;
        const auto result = feed(reader, bytes, [&](std::size_t) { return 1 + random() % 70'000; });
        ASSERT_EQ(result.messages, all);
        for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(result.shared[i].view(), all[i].data);
        EXPECT_LE(result.held_at_end, 4096U) << "nothing is held between messages";
    }
}

TEST(frame_reader, a_large_packet_shares_the_memory_it_was_received_in) {
    const std::string payload(100'000, 'x');
    const std::string bytes = test::bytes_of(submit(payload));
    std::vector<char> scratch(frame_reader::scratch_bytes_min);
    frame_reader reader;
    std::string_view rest = bytes;
    auto status = need_more;
    while (status == need_more && !rest.empty()) {
        const auto room = reader.prepare(scratch);
        const std::size_t n = std::min(room.size(), rest.size());
        std::memcpy(room.data(), rest.data(), n);
        rest.remove_prefix(n);
        reader.received(n);
        status = reader.next();
    }
    ASSERT_EQ(status, packet);
    const shared_bytes data = reader.packet().share_data();
    EXPECT_EQ(data.view().data(), reader.packet().data.data());
    ASSERT_EQ(reader.next(), need_more);
    std::ignore = reader.prepare(scratch);
    EXPECT_EQ(data.view(), payload) << "the bytes outlive the reader's interest in them";
}

TEST(frame_reader, a_small_packet_gives_a_copy_that_outlives_the_scratch) {
    const std::string bytes = test::bytes_of(submit("payload"));
    std::vector<char> scratch(frame_reader::scratch_bytes_min);
    frame_reader reader;
    std::memcpy(reader.prepare(scratch).data(), bytes.data(), bytes.size());
    reader.received(bytes.size());
    ASSERT_EQ(reader.next(), packet);
    const shared_bytes data = reader.packet().share_data();
    std::ranges::fill(scratch, '!');
    EXPECT_EQ(data.view(), "payload");
}

TEST(frame_reader, what_follows_the_last_argument_is_ignored) {
    frame_reader reader;
    const std::string noise = test::header(4, 3) + "xyz";  // PRE_SLEEP has neither arguments nor data
    const std::string nul =
        test::header(14, 4) + std::string("H:1\0", 4) + test::header(1, 6) + std::string("fn\0bad", 6);
    const auto result = feed_whole(reader, noise + nul);
    ASSERT_EQ(result.messages.size(), 3U);
    EXPECT_EQ(result.messages[0].data, "");
    EXPECT_EQ(result.messages[1].arguments, std::vector<std::string>{"H:1"});
    EXPECT_EQ(result.messages[2].arguments, std::vector<std::string>{"fn"});
}

TEST(frame_reader, lines_lose_their_line_end_and_nothing_else) {
    frame_reader reader;
    const auto result = feed_whole(reader, "a \r\n\n\r\nb\r\r\n");
    std::vector<std::string> lines;
    for (const read_message& message : result.messages) lines.push_back(message.data);
    EXPECT_EQ(lines, (std::vector<std::string>{"a ", "", "", "b\r"}));
}

}  // namespace
}  // namespace sheaf::protocol
