#include "cluster/restart_policy.hpp"

#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using time_point = restart_policy::time_point;

constexpr time_point start{1000h};

TEST(restart_policy, a_process_that_served_starts_again_at_once) {
    restart_policy policy;
    policy.on_ready(start);
    EXPECT_EQ(policy.on_exit(start + 1s), start + 1s);
}

TEST(restart_policy, one_that_keeps_dying_starts_after_pauses_that_double_up_to_a_limit) {
    restart_policy policy({.free_restarts = 2, .pause_min = 50ms, .pause_max = 150ms});
    std::vector<std::chrono::nanoseconds> pauses;
    for (int i = 0; i < 6; ++i) {
        policy.on_ready(start);
        pauses.push_back(*policy.on_exit(start) - start);
    }
    EXPECT_EQ(pauses, (std::vector<std::chrono::nanoseconds>{0ms, 0ms, 50ms, 100ms, 150ms, 150ms}));
}

TEST(restart_policy, one_that_served_for_long_is_forgiven) {
    restart_policy policy({.free_restarts = 1, .forgiven_after = 10s});
    policy.on_ready(start);
    EXPECT_EQ(policy.on_exit(start), start);
    policy.on_ready(start);
    EXPECT_GT(policy.on_exit(start), start);
    policy.on_ready(start);
    EXPECT_EQ(policy.on_exit(start + 10s), start + 10s);
}

TEST(restart_policy, the_fifth_death_in_a_row_before_serving_is_the_last) {
    restart_policy policy;
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(policy.on_exit(start).has_value());
    EXPECT_FALSE(policy.on_exit(start).has_value());
    EXPECT_EQ(policy.start_failures(), 5U);
}

TEST(restart_policy, having_served_clears_the_count_of_failed_starts) {
    restart_policy policy;
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(policy.on_exit(start).has_value());
    policy.on_ready(start);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(policy.on_exit(start).has_value());
}

TEST(restart_policy, one_that_ended_itself_on_purpose_starts_at_once_however_often) {
    restart_policy policy({.free_restarts = 1});
    for (int i = 0; i < 20; ++i) {
        policy.on_ready(start);
        EXPECT_EQ(policy.on_exit(start, end_cause::wish), start);
    }
}

TEST(restart_policy, ends_that_jobs_may_be_to_blame_for_cost_short_pauses_that_do_not_grow) {
    restart_policy policy({.free_restarts = 2, .pause_min = 50ms, .pause_max = 5s});
    std::vector<std::chrono::nanoseconds> pauses;
    for (int i = 0; i < 6; ++i) {
        policy.on_ready(start);
        pauses.push_back(*policy.on_exit(start, end_cause::job) - start);
    }
    EXPECT_EQ(pauses, (std::vector<std::chrono::nanoseconds>{0ms, 0ms, 50ms, 50ms, 50ms, 50ms}));
    policy.on_ready(start);
    EXPECT_EQ(policy.on_exit(start), start) << "the process has not been to blame so far";
}

}  // namespace
}  // namespace sheaf::detail
