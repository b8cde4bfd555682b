// Who does a worker's I/O: when the alarm has to ring, and what comes of it.
#include "worker/io_duty.hpp"

#include <gtest/gtest.h>

namespace sheaf::runtime {
namespace {

using namespace std::chrono_literals;

class io_duty_test : public ::testing::Test {
  protected:
    /// The own thread has left the I/O to the slots, and one has taken it.
    void give_to_slot() {
        (void)duty.leave(now);
        duty.take();
    }

    io_duty::time_point now{1000s};
    io_duty duty;
};

TEST_F(io_duty_test, the_own_thread_takes_over_from_a_handler_that_runs_for_a_millisecond) {
    EXPECT_EQ(duty.leave(now), now + 1ms);
    now += 1ms;
    EXPECT_EQ(duty.rang(now), std::nullopt);
    EXPECT_TRUE(duty.is_own());
}

TEST_F(io_duty_test, short_jobs_set_the_alarm_once_in_a_millisecond) {
    give_to_slot();
    const auto first = now;
    for (int i = 0; i < 9; ++i) {
        now += 100us;
        EXPECT_EQ(duty.leave(now), std::nullopt) << "it is set";
        if (i != 8) duty.take();
    }
    EXPECT_EQ(duty.rang(first + 1ms), now + 1ms) << "counted from when the last handler began";
    EXPECT_FALSE(duty.is_own());
}

TEST_F(io_duty_test, an_alarm_that_rings_while_a_slot_does_the_io_is_not_set_again_until_a_job_begins) {
    give_to_slot();
    now += 1ms;
    EXPECT_EQ(duty.rang(now), std::nullopt);
    EXPECT_TRUE(duty.is_with_slot());
    EXPECT_EQ(duty.leave(now), now + 1ms);
}

TEST_F(io_duty_test, who_calls_the_own_thread_makes_the_alarm_ring_at_once) {
    give_to_slot();
    EXPECT_EQ(duty.call(), std::nullopt) << "somebody does the I/O";
    (void)duty.leave(now);
    const auto ring = duty.call();
    ASSERT_TRUE(ring);
    EXPECT_LE(*ring, now);
    EXPECT_FALSE(duty.is_free()) << "no slot may take it any more";
    EXPECT_EQ(duty.call(), std::nullopt) << "called already";
    EXPECT_EQ(duty.rang(now), std::nullopt);
    EXPECT_TRUE(duty.is_own());
}

TEST_F(io_duty_test, three_short_handlers_in_a_row_are_a_reason_to_let_the_slots_have_it) {
    duty.ran(10us);
    duty.ran(10us);
    EXPECT_FALSE(duty.should_change());
    duty.ran(800us);
    duty.ran(10us);
    duty.ran(10us);
    EXPECT_FALSE(duty.should_change());
    duty.ran(10us);
    EXPECT_TRUE(duty.should_change());
    give_to_slot();
    EXPECT_FALSE(duty.should_change());
}

}  // namespace
}  // namespace sheaf::runtime
