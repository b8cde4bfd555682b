// How long a thread that waits for a lone call looks for its answer before it sleeps.
#include "client/wakefulness.hpp"

#include <gtest/gtest.h>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using runtime::wakefulness;

TEST(wakefulness, who_is_answered_at_once_stays_awake) {
    wakefulness pace(2);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(pace.next(), wakefulness::limit);
        pace.came(i % 3 == 0 ? 1s : 20us);
    }
}

TEST(wakefulness, where_answers_take_long_it_is_hardly_ever_tried) {
    wakefulness pace(2);
    int tried = 0;
    for (int i = 0; i < 6400; ++i) {
        tried += pace.next() == wakefulness::limit ? 1 : 0;
        pace.came(5ms);
    }
    EXPECT_LE(tried, 6400 / wakefulness::between_trials + wakefulness::patience);
    EXPECT_GE(tried, 90);
}

TEST(wakefulness, one_quick_answer_is_enough_to_begin_again) {
    wakefulness pace(2);
    for (int i = 0; i < 100; ++i) pace.came(5ms);
    pace.came(20us);
    EXPECT_EQ(pace.next(), wakefulness::limit);
}

TEST(wakefulness, with_one_core_nobody_looks) { EXPECT_EQ(wakefulness(1).next(), 0ns); }

}  // namespace
}  // namespace sheaf::test
