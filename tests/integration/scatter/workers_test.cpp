// Scatters over real worker processes, through our job server and through the stock one.
#include <functional>
#include <ranges>

#include "integration/scatter/scattered_cluster.hpp"
#include <sheaf/gather.hpp>
#include <sheaf/in_order.hpp>
#include <sheaf/reduce.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

class scatters : public scattered_cluster {};
INSTANTIATE_TEST_SUITE_P(on, scatters, ::testing::Values(brand::sheafd, brand::gearmand), brand_name);

const call_options patient{.deadline = patience};

TEST_P(scatters, every_result_comes_once_packed_or_not) {
    for (const packing pack : {packing::automatic(), packing::none(), packing(10)}) {
        std::vector<int> seen(2000);
        const auto evens = std::views::iota(0, 2000) | std::views::transform([](int n) { return 2 * n; });
        for (auto& [index, outcome] : as_completed(calls->scatter(square, evens, {.pack = pack, .call = patient}))) {
            ASSERT_TRUE(outcome);
            ASSERT_EQ(*outcome, static_cast<long>(4 * index * index));
            ++seen[index];
        }
        EXPECT_EQ(std::ranges::count(seen, 1), 2000);
    }
}

TEST_P(scatters, in_order_keeps_the_order_and_failures_their_place) {
    std::size_t expected = 0;
    for (auto& [index, outcome] : in_order(calls->scatter(square, std::views::iota(0, 500), {.call = patient}))) {
        ASSERT_EQ(index, expected++);
        ASSERT_EQ(outcome.has_value(), index % 2 == 0);
    }
    EXPECT_EQ(expected, 500U);
}

TEST_P(scatters, what_a_json_task_throws_is_thrown_by_gather) {
    const scatter_options how{.call = patient};
    EXPECT_EQ(gather(calls->scatter(half, std::vector{2, 4, 6}, how)).values().size(), 3U);
    try {
        (void)gather(calls->scatter(half, std::vector{2, 3, 4}, how), fail_fast);
        FAIL() << "nothing was thrown";
    } catch (const indivisible& why) {
        EXPECT_STREQ(why.what(), "there is no half");
        EXPECT_EQ(why.number, 3);
    }
}

TEST_P(scatters, only_the_items_that_kill_their_worker_fail) {
    for (const packing pack : {packing::automatic(), packing::none(), packing(50)}) {
        const auto got =
            gather(calls->scatter(fragile, std::views::iota(0, 401), {.pack = pack, .call = patient}), collect);
        EXPECT_EQ(got.values().size(), 397U);
        EXPECT_TRUE(got.missing().empty());
        ASSERT_EQ(got.failures().size(), 4U);
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_EQ(got.failures()[i].index, (i + 1) * fragile_every);
            EXPECT_EQ(got.failures()[i].why.code, errc::worker_lost) << describe(got.failures()[i].why);
        }
    }
}

TEST_P(scatters, items_that_all_kill_their_worker_fail_each_and_others_need_not_wait_long) {
    for (const packing pack : {packing::none(), packing(10)}) {
        const auto got = gather(
            calls->scatter(fragile, std::vector<int>(20, fragile_every), {.pack = pack, .call = patient}), collect);
        ASSERT_EQ(got.failures().size(), 20U);
        for (const auto& one : got.failures()) EXPECT_EQ(one.why.code, errc::worker_lost) << describe(one.why);
        EXPECT_EQ(calls->call(square(4), patient), 16);
    }
}

TEST_P(scatters, workers_merge_what_workers_made) {
    const auto numbers = [](int count) {
        return std::views::iota(0, count) | std::views::transform([](int n) { return 2 * n; });
    };
    const scatter_options how{.call = patient};
    const auto total = [](long count) { return 4 * (count - 1) * count * (2 * count - 1) / 6; };
    EXPECT_EQ(tree_reduce(*calls, calls->scatter(square, numbers(1000), how), sum, {.fan_in = 7, .scatter = how}),
              total(1000));
    EXPECT_EQ(tree_reduce(*calls, calls->scatter(square, numbers(101), how), add, {.scatter = how}), total(101));
    EXPECT_EQ(tree_reduce(*calls, calls->scatter(square, numbers(0), how), sum), std::nullopt);
    EXPECT_EQ(tree_reduce(*calls, calls->scatter(square, numbers(1), how), sum), 0);
    EXPECT_THROW((void)tree_reduce(*calls, calls->scatter(square, std::views::iota(0, 10), how), sum), odd);
    EXPECT_THROW(
        (void)tree_reduce(*calls, calls->scatter(square, numbers(9), how), sum, {.scatter = {.deadline = 0ms}}),
        timeout)
        << "merging calls that may not be made any more are not waited for";
}

TEST_P(scatters, best_effort_has_what_the_other_workers_gave_and_a_worker_that_wakes_is_used_again) {
    const pid_t stopped = stop_one();
    const scatter_options how{.window = 20, .pack = packing::none(), .call = patient};
    const auto got = gather(calls->scatter(nap, std::vector<int>(20, 1), how), best_effort(500ms));
    EXPECT_EQ(got.values().size() + got.missing().size(), 20U);
    EXPECT_LE(got.missing().size(), 4U) << "what the stopped worker has";
    for (const auto& one : got.values()) EXPECT_NE(one.value, stopped);
    wake(stopped);
    std::set<int> seen;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!seen.contains(stopped) && std::chrono::steady_clock::now() < until) {
        for (const auto& one : gather(calls->scatter(nap, std::vector<int>(20, 1), how)).values())
            seen.insert(one.value);
    }
    EXPECT_TRUE(seen.contains(stopped));
}

TEST_P(scatters, hedged_calls_end_as_if_the_stopped_worker_were_not_there) {
    (void)stop_one();
    const scatter_options how{.window = 20, .call = {.deadline = patience, .hedge = 50ms}};
    const auto got = gather(calls->scatter(nap, std::vector<int>(40, 1), how));
    EXPECT_TRUE(got.complete());
}

TEST_P(scatters, calls_with_an_attempt_timeout_are_tried_elsewhere) {
    (void)stop_one();
    const call_options how{.deadline = patience, .attempt_timeout = 200ms, .retry = sheaf::retry{4}};
    const auto got = gather(calls->scatter(nap, std::vector<int>(40, 1), {.window = 20, .call = how}));
    EXPECT_TRUE(got.complete());
}

TEST_P(scatters, a_cancelled_scatter_leaves_nothing_on_the_server) {
    constexpr int count = 10'000;
    std::stop_source stop;
    const call_options how{.deadline = patience, .stop = stop.get_token()};
    auto run = calls->scatter(wait_for_stop, std::views::iota(0, count), {.window = 10'000, .call = how});
    ASSERT_FALSE(run.wait_until(std::chrono::steady_clock::now() + 50ms)) << "nothing ends by itself";
    stop.request_stop();
    const auto got = gather(run, collect);
    EXPECT_EQ(got.failures().size(), std::size_t{count});
    for (const auto& one : got.failures()) ASSERT_EQ(one.why.code, errc::cancelled);
    expect_nothing_left("scattered.wait");
}

}  // namespace
}  // namespace sheaf::test
