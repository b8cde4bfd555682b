// How often is tried, and how long is waited, in time that passes as the test says.
#include <chrono>

#include <gtest/gtest.h>

#include "fetch/retry_pace.hpp"
#include "fetch/run_watch.hpp"

namespace sheaf::fetch {
namespace {

using namespace std::chrono_literals;

TEST(retry_pace, waits_longer_each_time_and_then_no_more) {
    retry_pace pace(4, 50ms);
    EXPECT_EQ(pace.on_failure(1), 50ms);
    EXPECT_EQ(pace.on_failure(1), 200ms);
    EXPECT_EQ(pace.on_failure(0), 400ms);
    EXPECT_FALSE(pace.on_failure(0));
}

TEST(retry_pace, begins_anew_when_something_has_come) {
    retry_pace pace(2, 50ms);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(pace.on_failure(1), 50ms);
        pace.on_progress();
    }
}

TEST(retry_pace, believes_refusals_sooner_than_silence) {
    retry_pace pace(5, 2, 50ms);
    EXPECT_TRUE(pace.on_refusal(1));
    EXPECT_TRUE(pace.on_failure(1)) << "somebody was there meanwhile";
    EXPECT_TRUE(pace.on_refusal(1));
    EXPECT_FALSE(pace.on_refusal(1));
}

TEST(run_watch, gives_a_run_up_when_its_driver_is_silent_for_too_long) {
    run_watch::time_point now{};
    run_watch watch({.between_looks = 10s, .silence_max = 30s}, now);
    EXPECT_EQ(watch.next_look(), now + 10s);
    EXPECT_FALSE(watch.on_silence(now += 10s));
    watch.on_sign(now += 10s);
    EXPECT_FALSE(watch.on_silence(now += 10s));
    EXPECT_FALSE(watch.on_silence(now += 10s));
    EXPECT_EQ(watch.next_look(), now + 10s);
    EXPECT_TRUE(watch.on_silence(now += 10s));
}

}  // namespace
}  // namespace sheaf::fetch
