// How many calls, jobs and bytes a scatter has out.
#include <gtest/gtest.h>

#include "scatter/job_pace.hpp"
#include "scatter/scatter_window.hpp"

namespace {

using namespace std::chrono_literals;
using sheaf::detail::job_pace;
using sheaf::detail::scatter_window;

void make_call(scatter_window& window) {
    window.call_made();
    window.job_sent();
}

TEST(scatter_window, is_four_jobs_per_worker_and_at_least_64) {
    EXPECT_EQ(scatter_window::default_jobs(0), 64U);
    EXPECT_EQ(scatter_window::default_jobs(100), 400U);
}

TEST(scatter_window, is_filled_again_when_a_quarter_is_free_or_nothing_is_at_hand) {
    scatter_window window({.calls = 8, .jobs = 8, .bytes = 1000});
    while (window.has_room_for_call()) make_call(window);
    EXPECT_EQ(window.calls(), 8U);
    EXPECT_FALSE(window.should_fill(false));
    window.job_ended();
    window.call_released();
    EXPECT_FALSE(window.should_fill(true));
    EXPECT_TRUE(window.should_fill(false));
    window.job_ended();
    window.call_released();
    EXPECT_TRUE(window.should_fill(true));
}

TEST(scatter_window, arguments_count_and_so_do_the_results_that_are_expected) {
    scatter_window window({.calls = 100, .jobs = 100, .bytes = 1000});
    for (int i = 0; i < 9; ++i) {
        make_call(window);
        window.bytes_taken(100);
    }
    EXPECT_TRUE(window.has_room_for_call());
    window.result_seen(20);
    window.call_released();
    EXPECT_FALSE(window.has_room_for_call()) << "900 bytes of arguments, and 8 results of 20 to come";
    window.bytes_freed(100);
    EXPECT_TRUE(window.has_room_for_call());
}

TEST(scatter_window, one_call_may_always_be_out) {
    scatter_window window({.calls = 0, .jobs = 0, .bytes = 0});
    EXPECT_TRUE(window.has_room_for_call());
    make_call(window);
    window.bytes_taken(1);
    EXPECT_FALSE(window.has_room_for_call());
    window.result_seen(50);
    window.call_released();
    window.bytes_freed(1);
    EXPECT_TRUE(window.has_room_for_call());
}

TEST(job_pace, fast_jobs_widen_the_window_and_slow_ones_narrow_it) {
    job_pace pace(64, 1024);
    auto now = job_pace::time_point(1h);
    const auto run = [&](std::size_t jobs_in_a_millisecond) {
        for (int i = 0; i < 50; ++i) pace.ended(jobs_in_a_millisecond, now += 1ms);
        return pace.limit();
    };
    EXPECT_EQ(pace.limit(), 64U);
    EXPECT_EQ(run(1), 64U);
    EXPECT_EQ(run(60), 600U);
    EXPECT_EQ(run(1000), 1024U);
    EXPECT_EQ(run(2), 64U);
}

TEST(job_pace, what_was_asked_for_stays) {
    job_pace pace(1, 1);
    for (int i = 0; i < 50; ++i) pace.ended(1000, job_pace::time_point(1h + i * 1ms));
    EXPECT_EQ(pace.limit(), 1U);
}

}  // namespace
