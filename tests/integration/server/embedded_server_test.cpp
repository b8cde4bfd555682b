// The server inside this process: its life, its limits, and both kinds of sockets.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <thread>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "sheaf/runtime/server.hpp"
#include "support/busy_listener.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using runtime::server;
using runtime::server_options;

const endpoint any_port{"127.0.0.1", 0, {}};

class scratch_directory {
  public:
    scratch_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sheaf-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw_errno("mkdtemp");
        path_ = pattern;
    }
    ~scratch_directory() { std::filesystem::remove_all(path_); }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

// Submits until the server refuses, which is the event that a graceful stop has begun.
void await_refusal(raw_peer& client) {
    for (;;) {
        client.send<packet_type::submit_job_bg>("unknown", "", "x");
        const owned_packet answer = client.receive();
        if (answer.type == packet_type::error) return;
        ASSERT_EQ(answer.type, packet_type::job_created);
    }
}

TEST(embedded_server, serves_tcp_and_a_unix_socket_as_one) {
    const scratch_directory here;
    server one({.listen = {any_port, endpoint{"", 0, here.file("socket")}}});
    one.start();
    ASSERT_EQ(one.endpoints().size(), 2U);
    EXPECT_NE(one.endpoints()[0].port, 0);
    EXPECT_EQ(one.endpoints()[1].path, here.file("socket"));

    round_trip(one.endpoints()[0]).run("over tcp");
    round_trip(one.endpoints()[1]).run("over a unix socket");
    raw_peer client(one.endpoints()[0]);
    raw_peer worker(one.endpoints()[1]);
    client.send<packet_type::submit_job>("mixed", "", "both");
    (void)client.expect(packet_type::job_created);
    worker.send<packet_type::can_do>("mixed");
    worker.send<packet_type::grab_job>();
    EXPECT_EQ(worker.expect(packet_type::job_assign).data, "both");
}

TEST(embedded_server, a_unix_socket_is_its_owners_alone_and_vanishes_with_the_server) {
    const scratch_directory here;
    struct stat file {};
    {
        const server one({.listen = {endpoint{"", 0, here.file("socket")}}});
        ASSERT_EQ(::stat(here.file("socket").c_str(), &file), 0);
        EXPECT_EQ(file.st_mode & 0777U, 0600U);
    }
    EXPECT_NE(::stat(here.file("socket").c_str(), &file), 0);
}

TEST(embedded_server, run_serves_on_the_callers_thread_until_another_one_stops_it) {
    server one({.listen = {any_port}});
    std::thread driver([&] {
        round_trip(one.endpoints()[0]).run();
        one.stop();
    });
    one.run();
    driver.join();
}

TEST(embedded_server, a_stop_lets_the_running_job_end_and_takes_no_new_one) {
    server one({.listen = {any_port}});
    one.start();
    round_trip peers(one.endpoints()[0]);
    raw_peer other(one.endpoints()[0]);
    const std::string handle = peers.begin("long work");

    one.stop();
    await_refusal(other);
    EXPECT_THROW(raw_peer{one.endpoints()[0]}, std::system_error);
    peers.end(handle, "finished");
    EXPECT_TRUE(peers.client().wait_closed());
    EXPECT_TRUE(other.wait_closed());
    one.wait();
}

TEST(embedded_server, a_stop_does_not_wait_for_a_stuck_job_beyond_its_grace) {
    server one({.listen = {any_port}, .stop_grace = 1ms});
    one.start();
    round_trip peers(one.endpoints()[0]);
    (void)peers.begin("never ends");
    one.stop();
    EXPECT_TRUE(peers.worker().wait_closed());
    one.wait();
}

TEST(embedded_server, a_second_stop_ends_it_at_once) {
    server one({.listen = {any_port}, .stop_grace = 1h});
    one.start();
    round_trip peers(one.endpoints()[0]);
    (void)peers.begin("never ends");
    one.stop();
    one.stop_now();
    EXPECT_TRUE(peers.worker().wait_closed());
    one.wait();
}

TEST(embedded_server, one_that_was_never_started_can_be_destroyed) { const server one({.listen = {any_port}}); }

TEST(embedded_server, an_address_in_use_is_named_in_the_error) {
    const server one({.listen = {any_port}});
    try {
        const server two({.listen = {one.endpoints()[0]}});
        FAIL() << "two servers listen on one port";
    } catch (const runtime_failure& why) {
        EXPECT_NE(std::string(why.what()).find(to_string(one.endpoints()[0])), std::string::npos) << why.what();
        EXPECT_NE(std::string(why.what()).find("choose another"), std::string::npos) << why.what();
    }
}

TEST(embedded_server, a_unix_socket_whose_server_does_not_accept_is_in_use_and_holds_nobody_up) {
    const scratch_directory here;
    const busy_listener other(here.file("socket"));
    EXPECT_THROW(server({.listen = {endpoint{"", 0, here.file("socket")}}}), runtime_failure);
}

TEST(embedded_server, a_path_that_no_socket_can_have_is_named_in_the_error) {
    try {
        const server one({.listen = {endpoint{"", 0, "/" + std::string(200, 'x')}}});
        FAIL() << "a socket's path has 107 bytes at most";
    } catch (const runtime_failure& why) {
        EXPECT_NE(std::string(why.what()).find("unix:/xxx"), std::string::npos) << why.what();
    }
}

TEST(embedded_server, handles_of_two_lives_differ) {
    std::string handles[2];
    for (std::string& handle : handles) {
        server one({.listen = {any_port}, .handle_prefix = "H:ant"});
        one.start();
        raw_peer client(one.endpoints()[0]);
        client.send<packet_type::submit_job_bg>("f", "", "x");
        handle = client.expect(packet_type::job_created).arguments.at(0);
        EXPECT_TRUE(handle.starts_with("H:ant:"));
    }
    EXPECT_NE(handles[0], handles[1]);
}

TEST(embedded_server, peers_beyond_the_limit_are_turned_away_and_a_place_is_used_again) {
    server one({.listen = {any_port}, .connections_max = 2});
    one.start();
    raw_peer first(one.endpoints()[0]);
    raw_peer second(one.endpoints()[0]);
    round_trip::synchronize(first);
    round_trip::synchronize(second);
    EXPECT_TRUE(raw_peer(one.endpoints()[0]).wait_closed());

    second.close();
    for (std::size_t connections = 2; connections != 1;) {
        first.send("workers\n");
        connections = first.receive_list().size();
    }
    raw_peer third(one.endpoints()[0]);
    round_trip::synchronize(third);
}

TEST(embedded_server, the_largest_packet_gets_through_whatever_may_wait_for_a_peer) {
    server one({.listen = {any_port}, .packet_bytes_max = 33 << 20, .output_bytes_max = 1000});
    one.start();
    round_trip peers(one.endpoints()[0]);
    const std::string large(std::size_t{32} << 20, 'x');
    peers.end(peers.begin(large), large);
}

TEST(embedded_server, a_peer_that_does_not_read_is_cut_off_and_others_go_on) {
    server one({.listen = {any_port}, .output_bytes_max = 1 << 20});
    one.start();
    round_trip bystanders(one.endpoints()[0]);
    raw_peer slow(one.endpoints()[0]);
    const std::string large(256 * 1024, 'x');
    bool open = true;
    // More than the sockets' buffers and the limit together; then the server must have closed.
    for (int i = 0; i < 400 && open; ++i) {
        protocol::output_buffer packet;
        protocol::write_request<packet_type::echo_req>(packet, large);
        std::string_view piece;
        packet.gather({&piece, 1});
        open = slow.try_send(piece);
    }
    EXPECT_FALSE(open);
    bystanders.run();
}

}  // namespace
}  // namespace sheaf::test
