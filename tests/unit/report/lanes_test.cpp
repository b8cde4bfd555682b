// The rows of the timeline.
#include "report/lanes.hpp"

#include <gtest/gtest.h>

#include "unit/report/sample_run.hpp"

namespace sheaf::detail {
namespace {

TEST(lanes, are_one_for_each_worker_with_its_attempts_in_order) {
    const map_reduce_report run = test::sample_run();
    const auto rows = lanes_of(run);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].worker, "a/1");
    ASSERT_EQ(rows[1].attempts.size(), 4U);
    EXPECT_EQ(name_of(*rows[1].attempts[2]), "map 1, attempt 2");
    EXPECT_EQ(name_of(*rows[1].attempts[3]), "reduce 1");
}

TEST(lanes, are_more_for_a_worker_that_did_several_things_at_a_time) {
    map_reduce_report run;
    using std::chrono::milliseconds;
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", milliseconds(0), milliseconds(10)),
                       test::attempt(run_stage::map, 1, "a", milliseconds(5), milliseconds(15)),
                       test::attempt(run_stage::map, 2, "a", milliseconds(10), milliseconds(20)),
                       test::attempt(run_stage::map, 3, "", milliseconds(0), milliseconds(1))};
    const auto rows = lanes_of(run);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].worker, "unknown worker");
    EXPECT_EQ(rows[1].attempts.size(), 2U) << "the third begins when the first ends";
    EXPECT_EQ(rows[2].attempts.size(), 1U);
}

TEST(lanes, are_not_more_when_the_end_of_an_attempt_is_heard_of_late) {
    map_reduce_report run;
    using std::chrono::milliseconds;
    run.attempt_log = {test::attempt(run_stage::map, 0, "a", milliseconds(0), milliseconds(105)),
                       test::attempt(run_stage::map, 1, "a", milliseconds(100), milliseconds(200)),
                       test::attempt(run_stage::map, 2, "a", milliseconds(180), milliseconds(280))};
    const auto rows = lanes_of(run);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].attempts.size(), 2U) << "5 ms of 100 are the message's; 20 ms are not";
}

}  // namespace
}  // namespace sheaf::detail
