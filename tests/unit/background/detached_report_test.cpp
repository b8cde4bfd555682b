// What the server says of runs that it carries on, and what becomes of it when it says something else.
#include "background/detached_report.hpp"

#include <gmock/gmock.h>

namespace sheaf::test {
namespace {

using detail::read_detached;
using detail::read_detached_list;
using testing::SizeIs;

TEST(detached_reports, have_what_the_server_says) {
    const auto found = read_detached(
        R"({"run":"r","state":"failed","why":"halve: 3 is odd","taker":"me","function":"p.next-1","began_ms":1000,"expires_ms":2000,
            "stages":[{"node":3,"waiting":1,"running":2,"done":4},{"node":5,"done":1}]})");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->run, "r");
    EXPECT_EQ(found->state, detached_state::failed);
    EXPECT_EQ(found->why, "halve: 3 is odd");
    EXPECT_EQ(found->taker, "me");
    EXPECT_EQ(found->function, "p.next-1");
    EXPECT_EQ(found->began, std::chrono::system_clock::time_point(std::chrono::seconds(1)));
    EXPECT_EQ(found->expires, std::chrono::system_clock::time_point(std::chrono::seconds(2)));
    ASSERT_THAT(found->stages, SizeIs(2));
    EXPECT_EQ(found->stages[0].node, 3U);
    EXPECT_EQ(found->stages[0].running, 2U);
    EXPECT_EQ(found->done, 5U);
}

TEST(detached_reports, of_a_list_are_one_for_each_run) {
    const auto found =
        read_detached_list(R"({"runs":[{"run":"b","state":"running","done":7},17,{"run":"a"}],"total":9})");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->total, 9U);
    ASSERT_THAT(found->runs, SizeIs(2));
    EXPECT_EQ(found->runs[0].state, detached_state::running);
    EXPECT_EQ(found->runs[0].done, 7U);
    EXPECT_EQ(found->runs[1].state, detached_state::unknown);
}

TEST(detached_reports, that_are_nothing_of_the_kind_are_refused) {
    for (const char* const said : {"", "[]", "17", "{", R"({"run":)"}) {
        EXPECT_FALSE(read_detached(said)) << said;
        EXPECT_FALSE(read_detached_list(said)) << said;
    }
    for (const char* const odd : {"{}", R"({"stages":{},"runs":3,"state":"new"})"}) {
        EXPECT_TRUE(read_detached(odd)) << odd;
        EXPECT_TRUE(read_detached_list(odd)) << odd;
    }
}

}  // namespace
}  // namespace sheaf::test
