// Bounds in milliseconds, under load: not for every run of the tests.
#include <algorithm>
#include <atomic>
#include <vector>

#include "integration/call/call_fixture.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class under_load : public calls_through {};
INSTANTIATE_TEST_SUITE_P(servers, under_load, testing::Values(server_kind::own, server_kind::stock),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(under_load, no_call_outlives_its_deadline_by_100_ms) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped), 4);
    std::atomic<int> late = 0;
    std::atomic<int> left = 1000;
    std::vector<future<int>> calls;
    for (int i = 0; i < 1000; ++i) {
        const auto deadline = 200ms + std::chrono::milliseconds(i % 300);
        const auto due = clock::now() + deadline;
        where.submit(wait_for_stop(i), {.deadline = deadline}).then([&late, &left, due](const result<int>& r) {
            if (r || r.error().code != errc::timeout || clock::now() > due + 100ms) ++late;
            --left;
        });
    }
    ASSERT_TRUE(eventually([&] { return left == 0; }));
    EXPECT_EQ(late, 0);
}

TEST_P(under_load, cancelling_ten_thousand_calls_starts_nothing_new_and_stops_what_runs) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped), 4);
    std::vector<future<int>> calls;
    for (int i = 0; i < 10'000; ++i) calls.push_back(where.submit(wait_for_stop(i), {.deadline = patience}));
    ASSERT_TRUE(eventually([&] { return worker.begun() == 4 && jobs_of("call.wait") == 10'000; }));
    const auto cancelled_at = clock::now();
    for (auto& one : calls) one.cancel();
    ASSERT_TRUE(eventually([&] { return worker.stopped() >= 4; }));
    EXPECT_LT(clock::now() - cancelled_at, 200ms);
    std::this_thread::sleep_until(cancelled_at + 100ms);
    const int begun = worker.begun();
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(worker.begun(), begun) << "something began more than 100 ms after it was cancelled";
    EXPECT_TRUE(eventually([&] { return jobs_of("call.wait") == 0; }));
    for (auto& one : calls) EXPECT_EQ(one.result().error().code, errc::cancelled);
}

}  // namespace
}  // namespace sheaf::test
