// What crowds of peers by TLS cost, in time and memory: for a machine that has little else to do.
#include "integration/server/slow_crowd.hpp"

#include <cstdio>
#include <thread>

#include <gtest/gtest.h>

#include "support/packet_bytes.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

TEST_F(sheafd_tls, a_hundred_silent_and_two_hundred_slow_peers_cost_less_than_a_twentieth_of_a_core) {
    constexpr auto lasting = 10s;
    const sheafd_process server(with_keys({"--listen=tls://127.0.0.1:0", "--listen=127.0.0.1:0"}));
    round_trip others(server.endpoints()[1]);
    const double alone = median_of_round_trips(others, 200);

    slow_crowd crowd(server.endpoints()[0], ours.sign({.name = "peer"}), 100, 100, 100);
    const double used_before = cpu_seconds(server.child_pid());
    const auto began = std::chrono::steady_clock::now();
    int steps = 0;
    for (; std::chrono::steady_clock::now() < began + lasting; ++steps) {
        crowd.step();
        std::this_thread::sleep_for(100ms);
    }
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const double share = (cpu_seconds(server.child_pid()) - used_before) / took;

    const double among_them = median_of_round_trips(others, 200);
    EXPECT_GT(steps, 10) << "the crowd hardly did anything";
    std::printf("share of a core: %.2f %%; a round trip took %.0f us alone, %.0f us among them\n", 100 * share,
                1e6 * alone, 1e6 * among_them);
    EXPECT_LT(share, 0.05);
    EXPECT_LT(among_them, 2 * alone + 0.0005);
}

/// Bytes of packets, one after the other.
template <packet_type Type, class... Parts>
void append_request(std::string& to, const Parts&... parts) {
    protocol::output_buffer out;
    protocol::write_request<Type>(out, parts...);
    to += take_all(out);
}

TEST_F(sheafd_tls, a_thousand_idle_workers_by_tls_cost_less_than_a_hundred_kib_each) {
    constexpr long count = 1000;
    const sheafd_process server(with_keys({"--ssl"}));
    const auto mine = load_keys(ours.sign({.name = "peer"}));
    std::string offers;
    for (const char* function : {"one", "two", "three", "four", "five"}) {
        append_request<packet_type::can_do>(offers, std::string_view(function));
    }
    append_request<packet_type::pre_sleep>(offers);
    append_request<packet_type::echo_req>(offers, std::string_view("in sync"));
    std::vector<std::unique_ptr<tls_peer>> workers;
    const auto add = [&] {
        auto& one = *workers.emplace_back(std::make_unique<tls_peer>(server.where(), mine.get()));
        one.send(offers);
        (void)one.receive(protocol::header_size + 7);
    };
    add();
    const long before = server.resident_kib();
    const double used_before = cpu_seconds(server.child_pid());
    for (long i = 0; i < count; ++i) add();
    const double each = static_cast<double>(server.resident_kib() - before) / count;
    std::printf("%.1f KiB and %.2f ms of CPU for each connection\n", each,
                1e3 * (cpu_seconds(server.child_pid()) - used_before) / count);
    EXPECT_LT(each, 100.0);
}

}  // namespace
}  // namespace sheaf::test
