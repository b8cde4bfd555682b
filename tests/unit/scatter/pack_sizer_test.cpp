// How many calls share a job.
#include "scatter/pack_sizer.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using sheaf::detail::pack_sizer;

/// Packs of the size that `sizer` wants come back, each call having run for `each_us`.
void answer(pack_sizer& sizer, int packs, double each_us) {
    for (int i = 0; i < packs; ++i) {
        const std::size_t calls = sizer.calls();
        const auto took = std::chrono::microseconds(static_cast<std::int64_t>(each_us * static_cast<double>(calls)));
        sizer.answered(calls, took, 9 * calls);
    }
}

TEST(pack_sizer, begins_with_single_calls_and_grows_to_the_target_time) {
    pack_sizer sizer(1024, 3000us);
    EXPECT_EQ(sizer.calls(), 1U);
    answer(sizer, 1, 10);
    EXPECT_EQ(sizer.calls(), 4U);
    answer(sizer, 10, 10);
    EXPECT_EQ(sizer.calls(), 300U);
}

TEST(pack_sizer, calls_that_take_no_time_fill_the_largest_pack) {
    pack_sizer sizer(1024, 3000us);
    answer(sizer, 6, 0);
    EXPECT_EQ(sizer.calls(), 1024U);
}

TEST(pack_sizer, slow_calls_stay_alone_and_one_slow_pack_is_enough_to_see_it) {
    pack_sizer sizer(1024, 3000us);
    answer(sizer, 10, 5000);
    EXPECT_EQ(sizer.calls(), 1U);
    pack_sizer misled(1024, 3000us);
    answer(misled, 10, 1);
    answer(misled, 1, 1000);
    EXPECT_EQ(misled.calls(), 3U);
}

TEST(pack_sizer, answers_of_small_packs_that_come_late_do_not_shrink_it) {
    pack_sizer sizer(1024, 3000us);
    answer(sizer, 10, 1);
    sizer.answered(1, 1us, 9);
    EXPECT_EQ(sizer.calls(), 1024U);
}

TEST(pack_sizer, large_results_make_small_packs) {
    pack_sizer sizer(1024, 3000us);
    for (int i = 0; i < 10; ++i) sizer.answered(sizer.calls(), 1us, sizer.calls() * 64 * 1024);
    EXPECT_EQ(sizer.calls(), 4U);
}

TEST(pack_sizer, a_lost_pack_begins_anew) {
    pack_sizer sizer(1024, 3000us);
    answer(sizer, 10, 1);
    sizer.lost();
    EXPECT_EQ(sizer.calls(), 1U);
}

TEST(pack_sizer, a_slow_range_does_not_hold_back_what_it_gave) {
    pack_sizer sizer(1024, 3000us);
    answer(sizer, 10, 1);
    for (int i = 0; i < 12; ++i) sizer.gathered(sizer.calls(), 5ms);
    EXPECT_EQ(sizer.calls(), 1U);
    for (int i = 0; i < 12; ++i) sizer.gathered(sizer.calls(), 1us);
    EXPECT_EQ(sizer.calls(), 1024U);
}

TEST(pack_sizer, a_fixed_size_stays) {
    pack_sizer sizer = pack_sizer::fixed(7);
    sizer.lost();
    answer(sizer, 3, 1e6);
    EXPECT_EQ(sizer.calls(), 7U);
}

}  // namespace
