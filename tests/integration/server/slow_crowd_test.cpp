// What crowds that do not go on cost, in time: for a machine that has little else to do.
#include "integration/server/slow_crowd.hpp"

#include <cstdio>
#include <thread>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sheaf::test
