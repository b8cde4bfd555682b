// How far a scatter is, by weights and over time.
#include <ranges>

#include <gtest/gtest.h>

#include "unit/scatter/fake_workers.hpp"
#include <sheaf/gather.hpp>
#include <sheaf/scatter_progress.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using detail::progress_meter;

const progress_meter::time_point start(1h);

TEST(progress_meter, counts_weights_and_the_shares_of_what_runs) {
    progress_meter meter([](std::size_t index) { return index == 0 ? 70.0 : 10.0; }, 4, start);
    meter.ended(1, true);
    meter.ended(2, false);
    const auto seen = meter.at(start + 2s, {{0, 0.5}});
    EXPECT_EQ(seen.ended, 2U);
    EXPECT_EQ(seen.failed, 1U);
    EXPECT_DOUBLE_EQ(seen.weight_ended, 55);
    EXPECT_DOUBLE_EQ(*seen.share, 0.55);
    EXPECT_DOUBLE_EQ(seen.weight_per_second, 27.5);
    EXPECT_EQ(*seen.left, 1636ms);
    EXPECT_EQ(describe("tiles", seen), "tiles: 55%, 2 of 4, 1 failed, 1.6 s left");
}

TEST(progress_meter, says_nothing_of_the_time_left_while_that_is_a_guess) {
    progress_meter meter({}, 100, start);
    meter.ended(0, true);
    EXPECT_FALSE(meter.at(start + 1h, {}).left);
    for (std::size_t i = 1; i < 50; ++i) meter.ended(i, true);
    EXPECT_FALSE(meter.at(start + 1ms, {}).left);
    EXPECT_EQ(*meter.at(start + 10s, {}).left, 10s);
}

TEST(progress_meter, a_range_without_a_size_has_no_share) {
    progress_meter meter({}, std::nullopt, start);
    meter.ended(0, true);
    const auto seen = meter.at(start + 1s, {});
    EXPECT_FALSE(seen.share);
    EXPECT_FALSE(seen.left);
    EXPECT_EQ(describe("lines", seen), "lines: 1");
    EXPECT_DOUBLE_EQ(*progress_meter({}, 0, start).at(start, {}).share, 1.0);
}

TEST(observe, tells_while_outcomes_are_taken_and_at_the_end) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    std::vector<scatter_progress> told;
    const observe_options how{.every = 0ms};
    auto run = observe(
        scatter(workers, std::views::iota(0, 50)), [&](const scatter_progress& at) { told.push_back(at); }, how);
    EXPECT_TRUE(gather(run).complete());
    ASSERT_GE(told.size(), 50U);
    EXPECT_EQ(told.front().ended, 0U);
    EXPECT_EQ(told.back().ended, 50U);
    EXPECT_DOUBLE_EQ(*told.back().share, 1.0);
}

TEST(observe, without_a_pause_tells_once_before_each_outcome_and_not_while_it_waits) {
    const auto workers = std::make_shared<fake_workers>();
    workers->fate_of = [](int) { return fate::silent; };
    workers->batch = 1;
    int told = 0;
    auto run =
        observe(scatter(workers, std::views::iota(0, 1)), [&](const scatter_progress&) { ++told; }, {.every = 0ms});
    EXPECT_FALSE(run.wait_until(std::chrono::steady_clock::now() + 5ms));
    EXPECT_EQ(told, 1);
}

TEST(observe, a_weight_that_cannot_be_had_is_thrown_and_loses_no_outcome) {
    const auto workers = std::make_shared<fake_workers>();
    workers->batch = 1;
    const auto no_third = [](std::size_t index) -> double {
        if (index == 2) throw std::out_of_range("no weight");
        return 1;
    };
    EXPECT_THROW((void)observe(scatter(workers, std::views::iota(0, 5)), [](const scatter_progress&) {},
                               {.every = 1h, .weight = no_third}),
                 std::out_of_range);
    // Of a range whose size is not known, weights are asked for one by one.
    auto unsized = std::views::iota(0, 5) | std::views::filter([](int) { return true; });
    auto run = observe(scatter(workers, unsized), [](const scatter_progress&) {}, {.every = 1h, .weight = no_third});
    std::set<std::size_t> seen;
    std::size_t thrown = 0;
    for (;;) {
        try {
            const auto done = run.next();
            if (!done) break;
            seen.insert(done->index);
        } catch (const std::out_of_range&) {
            ++thrown;
            EXPECT_NE(run.pending(), 0U);
        }
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_EQ(thrown, 1U);
}

}  // namespace
}  // namespace sheaf::test
