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

}  // namespace
}  // namespace sheaf::test
