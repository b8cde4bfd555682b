#include "map_reduce/verify_places.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sheaf::detail {
namespace {

using testing::HasSubstr;

TEST(verify_places, a_second_attempt_is_for_another_worker_unless_all_are_busy_for_long) {
    verify_places places(2);
    places.note_worker("here/1");
    places.note_worker("here/2");
    EXPECT_EQ(places.not_by("here/1", 0), "here/1");
    EXPECT_EQ(places.not_by("here/1", 7), "here/1");
    EXPECT_EQ(places.not_by("here/1", 8), "");
    EXPECT_EQ(places.not_by("here/1", 0), "here/1") << "the next unit may be luckier";
}

TEST(verify_places, where_nobody_else_is_seen_only_the_first_unit_waits_for_one) {
    verify_places places(8);
    places.note_worker("here/1");
    EXPECT_EQ(places.not_by("here/1", 8), "");
    EXPECT_EQ(places.not_by("here/1", 0), "");
    places.note_worker("here/2");
    EXPECT_EQ(places.not_by("here/1", 0), "here/1");
}

TEST(verify_places, the_only_worker_makes_everything_and_the_report_says_so) {
    verify_places places(1);
    places.note_worker("here/1");
    EXPECT_EQ(places.not_by("here/1", 3), "here/1") << "another one may just have begun";
    EXPECT_EQ(places.not_by("here/1", 4), "");
    EXPECT_EQ(places.not_by("here/1", 0), "");
    EXPECT_EQ(places.remark(), "");
    places.note_verified("here/1", "here/1");
    EXPECT_THAT(places.remark(), HasSubstr("all units were made both times in one worker process"));
    places.note_verified("here/1", "here/2");
    EXPECT_THAT(places.remark(), HasSubstr("1 of 2 units"));
}

}  // namespace
}  // namespace sheaf::detail
