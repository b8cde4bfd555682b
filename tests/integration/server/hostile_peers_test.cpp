// Bytes that nobody should send: they cost the server next to no memory, and disturb nobody else.
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

constexpr int peers_per_attack = 64;
constexpr long memory_growth_max_kib = 8 * 1024;

std::string header(std::string_view magic, std::uint32_t type, std::uint32_t size) {
    std::string bytes(protocol::header_size, '\0');
    bytes.replace(0, 4, magic);
    protocol::detail::put_u32(bytes.data() + 4, type);
    protocol::detail::put_u32(bytes.data() + 8, size);
    return bytes;
}

using namespace std::string_literals;
using namespace std::string_view_literals;
constexpr auto request = "\0REQ"sv;
constexpr std::uint32_t submit_job = 7;
constexpr std::uint32_t work_complete = 13;

class hostile_peers : public ::testing::Test {
  protected:
    hostile_peers() {
        for (int i = 0; i < 100; ++i) bystanders_.run();
        before_kib_ = server_.resident_kib();
    }

    // Many peers send `bytes`, each as its own connection, while others work.
    void attack(const std::function<std::string()>& bytes, bool server_closes) {
        std::vector<raw_peer> peers;
        for (int i = 0; i < peers_per_attack; ++i) {
            peers.emplace_back(server_.where());
            const bool taken = peers.back().try_send(bytes());
            EXPECT_TRUE(taken || server_closes);
            bystanders_.run();
        }
        EXPECT_LT(server_.resident_kib() - before_kib_, memory_growth_max_kib);
        for (raw_peer& peer : peers) {
            if (!server_closes) peer.shutdown_write();
            EXPECT_TRUE(peer.wait_closed());
        }
        bystanders_.run();
        EXPECT_LT(server_.resident_kib() - before_kib_, memory_growth_max_kib);
    }

    sheafd_process server_;
    round_trip bystanders_{server_.where()};
    long before_kib_ = 0;
};

TEST_F(hostile_peers, random_bytes) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto noise = [&] {
        std::string bytes(16 * 1024, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        bytes.front() = '\0';
        bytes[1] = 'X';
        return bytes;
    };
    attack(noise, true);
}

TEST_F(hostile_peers, random_bytes_behind_the_header_of_each_packet_type) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::uint32_t type = 0;
    const auto packet = [&] {
        std::string body(200, '\0');
        for (char& byte : body) byte = static_cast<char>(random());
        type = static_cast<std::uint32_t>(type % protocol::packet_table.size() + 1);
        return header(request, type, 200) + body + header("\0XXX"sv, 0, 0);
    };
    attack(packet, true);
}

TEST_F(hostile_peers, a_length_of_four_gigabytes) {
    attack([] { return header(request, submit_job, 0xffffffffU) + "reverse"; }, true);
}

TEST_F(hostile_peers, a_length_below_the_limit_whose_bytes_never_come) {
    attack([] { return header(request, submit_job, 60U << 20) + "reverse"; }, false);
}

TEST_F(hostile_peers, a_result_of_four_gigabytes_whose_bytes_never_come) {
    attack([] { return header(request, work_complete, 0xffffffffU) + "H:1\0more"s; }, false);
}

TEST(oversized_result, fails_its_job_and_neither_other_jobs_nor_its_worker) {
    sheafd_process server{{"--payload-max=1"}};
    round_trip large(server.where());
    const std::string failing = large.begin("a");
    raw_peer patient(server.where());
    patient.send<packet_type::option_req>("exceptions");
    (void)patient.expect(packet_type::option_res);
    patient.send<packet_type::submit_job>("reverse", "", "b");
    const std::string other = patient.expect(packet_type::job_created).arguments.at(0);
    large.worker().send<packet_type::grab_job>();
    (void)large.worker().expect(packet_type::job_assign);

    const std::size_t bytes = 3U << 20;
    large.worker().send<packet_type::work_complete>(failing, std::string(bytes, 'x'));
    EXPECT_EQ(large.client().expect(packet_type::work_fail).arguments.at(0), failing);
    large.worker().send<packet_type::work_complete>(other, "done");
    EXPECT_EQ(patient.expect(packet_type::work_complete).data, "done");
    large.run();
}

TEST_F(hostile_peers, packet_types_that_do_not_exist) {
    for (const std::uint32_t type : {0U, 43U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        SCOPED_TRACE(type);
        attack([&] { return header(request, type, 0); }, true);
    }
}

TEST_F(hostile_peers, responses_instead_of_requests_are_answered_and_survived) {
    attack([] { return header("\0RES"sv, 13, 4) + "H:1\0"; }, false);
}

TEST_F(hostile_peers, a_text_line_of_a_megabyte) {
    attack([] { return std::string(1 << 20, 'a') + "\n"; }, true);
}

TEST_F(hostile_peers, half_a_packet_and_half_a_line) {
    attack([] { return header(request, submit_job, 100).substr(0, 7); }, false);
    attack([] { return header(request, submit_job, 100) + "reverse"; }, false);
    attack([] { return std::string("stat"); }, false);
}

TEST_F(hostile_peers, a_reset_in_the_middle_of_everything) {
    for (int i = 0; i < peers_per_attack; ++i) {
        raw_peer peer(server_.where());
        peer.send<packet_type::can_do>("reverse");
        peer.send<packet_type::submit_job>("other", "", "x");
        peer.send(header(request, submit_job, 100));
        peer.reset();
        bystanders_.run();
    }
}

}  // namespace
}  // namespace sheaf::test
