// What a hostile peer sends ends in an error that says why, and costs no more memory than it sent.
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/frame_reader.hpp"
#include "support/frame_feed.hpp"
#include "support/packet_bytes.hpp"

namespace sheaf::protocol {
namespace {

using test::feed;
using test::feed_whole;
using test::header;
using test::read_result;

constexpr std::size_t block_start = 64 * 1024;

// The reader's answer to `bytes`, and what it says about it.
errc fault_of(std::string_view bytes, frame_limits limits = {}, std::string* why = nullptr) {
    frame_reader reader(limits);
    const read_result result = feed_whole(reader, bytes);
    if (why != nullptr) *why = reader.why().message;
    return result.messages.empty() ? errc::ok : result.messages.back().fault;
}

TEST(frame_reader_hostile, a_claim_of_four_gigabytes_holds_no_memory_for_them) {
    frame_reader reader({.body_bytes_max = std::numeric_limits<std::uint32_t>::max()});
    const auto result = feed_whole(reader, header(7, 0xFFFF'0000));
    EXPECT_TRUE(result.messages.empty());
    EXPECT_LE(reader.held_bytes(), block_start + 2 * header_size);
}

TEST(frame_reader_hostile, a_body_that_no_block_could_hold_is_refused_under_the_widest_limit) {
    EXPECT_EQ(fault_of(header(7, 0xFFFF'FFFF), {.body_bytes_max = std::numeric_limits<std::uint32_t>::max()}),
              errc::too_large);
}

TEST(frame_reader_hostile, memory_follows_the_bytes_of_a_large_packet_that_trickles_in) {
    frame_reader reader;
    const std::string bytes = header(7, 60U << 20) + std::string("f\0u\0", 4) + std::string(3'000'000, 'x');
    const auto result = feed(reader, bytes, [](std::size_t) { return 5'000UL; });
    EXPECT_TRUE(result.messages.empty());
    EXPECT_EQ(result.received, bytes.size());
    EXPECT_LE(result.excess_bytes, block_start);
}

TEST(frame_reader_hostile, a_large_packet_is_not_kept_while_its_sender_is_silent) {
    frame_reader reader;
    const std::string bytes = header(7, 4 + 3'000'000) + std::string("f\0u\0", 4) + std::string(3'000'000, 'x');
    const auto result = feed_whole(reader, bytes);
    ASSERT_EQ(result.messages.size(), 1U);
    EXPECT_LT(reader.held_bytes(), 100U);
    EXPECT_EQ(result.shared.at(0).size(), 3'000'000U);
}

TEST(frame_reader_hostile, a_body_above_the_limit_is_refused_by_its_header) {
    std::string why;
    EXPECT_EQ(fault_of(header(7, 1001), {.body_bytes_max = 1000}, &why), errc::too_large);
    EXPECT_EQ(why, "a packet of 1001 bytes is above the limit of 1000");
    EXPECT_EQ(fault_of(header(7, 1000), {.body_bytes_max = 1000}), errc::ok);
}

TEST(frame_reader_hostile, a_result_above_the_limit_is_told_of_and_skipped_where_it_is_wanted_so) {
    constexpr auto work_complete = static_cast<std::uint32_t>(packet_type::work_complete);
    const std::string large = header(work_complete, 3'000'004) + std::string("H:1\0", 4) + std::string(3'000'000, 'x');
    const std::string next = header(work_complete, 7) + std::string("H:2\0end", 7);
    for (const std::size_t piece : {1UL, 5'000UL, 10'000'000UL}) {
        SCOPED_TRACE(piece);
        frame_reader reader({.body_bytes_max = 2'000'000, .skips_results = true});
        const auto result = feed(reader, large + next, [&](std::size_t) { return piece; });
        ASSERT_EQ(result.messages.size(), 2U);
        EXPECT_EQ(result.messages[0].status, frame_reader::status::oversized);
        EXPECT_EQ(result.messages[0].arguments, std::vector<std::string>{"H:1"});
        EXPECT_EQ(result.messages[0].data, "");
        EXPECT_EQ(reader.announced(), 3'000'004U);
        EXPECT_EQ(result.messages[1].data, "end");
        EXPECT_LE(result.held_at_end, 4096U);
    }
}

TEST(frame_reader_hostile, what_is_no_result_of_a_job_is_refused_above_the_limit_all_the_same) {
    const frame_limits limits{.body_bytes_max = 1000, .argument_bytes_max = 100, .skips_results = true};
    for (const packet_type type : {packet_type::submit_job, packet_type::echo_req, packet_type::work_fail}) {
        EXPECT_EQ(fault_of(header(static_cast<std::uint32_t>(type), 1001), limits), errc::too_large);
    }
    const std::string head = header(static_cast<std::uint32_t>(packet_type::work_data), 1001);
    EXPECT_EQ(fault_of(head + std::string(99, 'h'), limits), errc::ok) << "its handle has not come";
    EXPECT_EQ(fault_of(head + std::string(100, 'h'), limits), errc::protocol_error) << "that is no handle";
}

TEST(frame_reader_hostile, types_outside_of_the_table_are_refused) {
    for (const std::uint32_t type : {0U, 43U, 0x7FFF'FFFFU, 0x8000'0000U, 0x8000'0007U, 0xFFFF'FFFFU}) {
        SCOPED_TRACE(type);
        std::string why;
        EXPECT_EQ(fault_of(header(type, 0), {}, &why), errc::protocol_error);
        EXPECT_NE(why.find(std::to_string(type)), std::string::npos);
    }
}

TEST(frame_reader_hostile, a_magic_that_is_neither_request_nor_response_is_refused) {
    for (const std::string_view magic :
         {std::string_view("\0REX", 4), std::string_view("\0\0\0\0", 4), std::string_view("\0req", 4)}) {
        EXPECT_EQ(fault_of(header(1, 0, magic)), errc::protocol_error);
    }
}

TEST(frame_reader_hostile, a_packet_with_one_argument_too_few_is_refused_by_name) {
    for (const packet_info& row : packet_table) {
        const std::size_t needed = terminated_arguments(row);
        if (needed == 0) continue;
        SCOPED_TRACE(row.name);
        std::string body;
        for (std::size_t i = 0; i + 1 < needed; ++i) body += std::string("argument\0", 9);
        body += "no NUL after this";
        std::string why;
        const std::string head = header(static_cast<std::uint32_t>(row.type), static_cast<std::uint32_t>(body.size()));
        EXPECT_EQ(fault_of(head + body, {}, &why), errc::protocol_error);
        EXPECT_EQ(why, std::string(row.name) + " lacks arguments");
    }
}

TEST(frame_reader_hostile, arguments_are_limited_apart_from_data) {
    const auto submit = [](std::size_t unique_size, std::size_t data_size) {
        packet_view packet;
        packet.type = packet_type::submit_job;
        const std::string unique(unique_size, 'u');
        const std::string data(data_size, 'd');
        packet.arguments = {"f", unique};
        packet.data = data;
        return test::bytes_of(packet);
    };
    const frame_limits limits{.argument_bytes_max = 100};
    EXPECT_EQ(fault_of(submit(97, 100'000), limits), errc::ok);  // "f", 97 bytes, two NULs
    EXPECT_EQ(fault_of(submit(98, 0), limits), errc::too_large);
    EXPECT_EQ(fault_of(header(1, 101) + std::string(101, 'f'), limits), errc::too_large);
}

TEST(frame_reader_hostile, a_line_at_the_limit_is_read_and_one_above_is_refused) {
    const frame_limits limits{.line_bytes_max = 100};
    const std::string longest = std::string(99, 'x') + "\n";
    for (const std::size_t piece : {1UL, 1000UL}) {
        const auto size = [piece](std::size_t) { return piece; };
        frame_reader good(limits);
        const auto read = feed(good, longest + longest, size);
        ASSERT_EQ(read.messages.size(), 2U);
        EXPECT_EQ(read.messages[1].data, std::string(99, 'x'));

        frame_reader bad(limits);
        const auto refused = feed(bad, std::string(100, 'x'), size);
        ASSERT_EQ(refused.messages.size(), 1U);
        EXPECT_EQ(refused.messages[0].fault, errc::too_large);
        EXPECT_EQ(bad.why().message, "a text line is above the limit of 100 bytes");
    }
}

TEST(frame_reader_hostile, after_an_error_nothing_more_is_read) {
    frame_reader reader;
    const auto result = feed_whole(reader, "status\n" + header(99, 0) + "status\n");
    ASSERT_EQ(result.messages.size(), 2U);
    EXPECT_EQ(result.messages[1].fault, errc::protocol_error);
    EXPECT_EQ(reader.next(), frame_reader::status::error);
    EXPECT_EQ(feed_whole(reader, "status\n").messages.front().status, frame_reader::status::error);
}

}  // namespace
}  // namespace sheaf::protocol
