// Reading what servers answer to the admin command "status".
#include <gmock/gmock.h>

#include <sheaf/server_status.hpp>

namespace sheaf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(server_status, jobs_that_run_are_not_queued) {
    EXPECT_THAT(detail::parse_status("b\t5\t2\t3\na\t0\t0\t1\n"),
                ElementsAre(function_status{"a", 0, 0, 1}, function_status{"b", 3, 2, 3}));
}

TEST(server_status, a_name_may_hold_whatever_a_line_can) {
    EXPECT_THAT(detail::parse_status("a\tb\x1b[2J\t1\t0\t0\r\n"), ElementsAre(function_status{"a\tb\x1b[2J", 1, 0, 0}));
}

TEST(server_status, lines_that_are_no_status_are_left_out) {
    EXPECT_THAT(detail::parse_status(""), IsEmpty());
    EXPECT_THAT(detail::parse_status("\n\na\nb\t1\nc\t1\t2\nd\t-1\t0\t0\ne\t1\t0\t99999999999999999999\nf\t1\t0\t0x"),
                IsEmpty());
}

TEST(server_status, more_running_than_there_are_is_none_queued) {
    EXPECT_THAT(detail::parse_status("a\t1\t2\t3\n"), ElementsAre(function_status{"a", 0, 2, 3}));
}

TEST(server_status, a_function_is_stuck_when_jobs_wait_and_nobody_offers_it) {
    EXPECT_TRUE((function_status{"a", 1, 0, 0}.is_stuck()));
    EXPECT_FALSE((function_status{"a", 0, 0, 0}.is_stuck()));
    EXPECT_FALSE((function_status{"a", 1, 0, 1}.is_stuck()));
}

TEST(server_status, a_function_that_the_server_does_not_know_has_nothing) {
    const server_report report{"host:1", {{"a", 1, 0, 2}}, std::nullopt};
    EXPECT_EQ(report.function("a"), (function_status{"a", 1, 0, 2}));
    EXPECT_EQ(report.function("b"), (function_status{"b", 0, 0, 0}));
}

TEST(server_status, a_server_that_is_not_there_is_a_report_with_a_problem) {
    const auto reports = server_status("unix:/nowhere/a,unix:/nowhere/b");
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[1].server, "unix:/nowhere/b");
    ASSERT_TRUE(reports[1].problem);
    EXPECT_EQ(reports[1].problem->code, errc::connection_failed);
}

TEST(server_status, addresses_that_make_no_sense_are_refused) {
    EXPECT_THROW((void)server_status("a:b:c"), runtime_failure);
}

}  // namespace
}  // namespace sheaf
