// A server that is killed again and again while clients submit and workers execute. Fifty times, and with SHEAF_LONG_TESTS
// a thousand; SHEAF_SEED chooses the moments.
#include <chrono>
#include <iostream>

#include <gtest/gtest.h>

#include "integration/queue/load.hpp"
#include "integration/queue/queue_server.hpp"
#include "support/random_text.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

/// With memory for the whole queue, or for hardly anything of it.
class killed_servers : public testing::TestWithParam<std::vector<std::string>> {
  protected:
    /// Kills the server, and starts it again.
    void cycle() {
        const auto began = steady_now();
        server.kill();
        notes.add({.what = fact::fault, .asked_at = began});
        server.start();
    }
    [[nodiscard]] address_source here() {
        return [this] { return server.where(); };
    }

    queue_server server{GetParam()};
    recorder notes{server.notes() / "faults"};
};

TEST_P(killed_servers, lose_nothing_that_they_acknowledged_and_run_nothing_that_they_refused) {
    const std::uint64_t seed = random_seed();
    SCOPED_TRACE("SHEAF_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    server.start();
    recorder submissions(server.notes() / "clients");
    recorder executions(server.notes() / "workers");
    load_client many("many", here(), submissions, {.window = 64, .high = 100, .low = 100}, random());
    load_client keyed("keyed", here(), submissions, {.window = 8, .keyed = 500, .asked_every = 20}, random());
    load_worker first("first", here(), executions, {});
    load_worker second("second", here(), executions, {.takes = 300us});
    {
        running_load clients[]{running_load(many), running_load(keyed)};
        running_load workers[]{running_load(first), running_load(second)};
        for (int left = tests_are_long() ? 1000 : 50; left > 0; --left) {
            const std::size_t enough = many.acknowledged() + random() % 150;
            ASSERT_TRUE(eventually([&] { return many.acknowledged() > enough; }))
                << server.running().child().error_output();
            cycle();
        }
        notes.add({.what = fact::healed});
        for (running_load& one : clients) one.stop();
        ASSERT_TRUE(server.runs_empty(10s));
        notes.add({.what = fact::drained});
    }
    const history all = server.seen();
    EXPECT_EQ(complaints(all), "");
    const summary sum = summarize(all);
    EXPECT_LE(sum.again, sum.in_flight);
    std::cout << sum.faults << " kills: " << sum.acknowledged << " jobs acknowledged, " << sum.lost << " lost, "
              << sum.in_flight << " in flight when the server was killed, " << sum.again << " executed again\n";
}

// So that what finds no loss above is known to find one.
TEST(killed_servers_that_promise_less, are_seen_to_lose_jobs) {
    queue_server server({"--durability", "relaxed"});
    recorder notes(server.notes() / "all");
    server.start();
    const auto here = [&] { return server.where(); };
    load_client client("client", here, notes, {.window = 64}, 1);
    running_load submitting(client);
    for (int cycle = 0; cycle < 10; ++cycle) {
        const std::size_t enough = client.acknowledged() + 20;
        ASSERT_TRUE(eventually([&] { return client.acknowledged() > enough; }));
        server.kill();
        server.start();
    }
    submitting.stop();
    load_worker worker("worker", here, notes, {});
    const running_load working(worker);
    ASSERT_TRUE(server.runs_empty());
    EXPECT_GT(summarize(server.seen()).lost, 0U);
}

// How long that takes is judged where nothing else runs.
TEST_P(killed_servers, have_a_long_queue_back_at_once) {
    const std::size_t jobs = tests_are_long() ? 100'000 : 5'000;
    server.start();
    load_client client("client", here(), notes, {.window = 1000, .payload_bytes = 100, .jobs = jobs}, 1);
    client.run();
    ASSERT_EQ(client.acknowledged(), jobs);
    server.kill();
    const auto start = std::chrono::steady_clock::now();
    server.start();
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(server.queued(), jobs);
    std::cout << jobs << " jobs are back after " << took / 1ms << " ms\n";
    if (tests_are_long()) {
        EXPECT_LE(took, 2s);
    }
}

INSTANTIATE_TEST_SUITE_P(all, killed_servers,
                         testing::Values(std::vector<std::string>{}, std::vector<std::string>{"--queue-memory", "1"}),
                         [](const auto& one) { return std::string(one.param.empty() ? "in_memory" : "on_the_disk"); });

}  // namespace
}  // namespace sheaf::test
