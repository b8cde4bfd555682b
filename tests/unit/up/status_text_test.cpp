// What `sheaf status` says.
#include "up/status_text.hpp"

#include <gmock/gmock.h>

namespace sheaf::up {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const named_state cluster{"jobs", {.pid = 4711, .program = "/home/me/wc", .build = {}, .workers = 1, .servers = {}}};

const server_report busy{
    "unix:/s", {{"wc.map", 12, 4, 4}, {"wc.reduce", 3, 0, 0}, {"sheaf.ctl.1", 5, 0, 0}}, std::nullopt};
const server_report idle{"jobs:4730", {{"wc.map", 0, 0, 4}}, std::nullopt};
const server_report absent{"jobs:4731", {}, error{errc::connection_failed, "nobody is \"there\""}};

TEST(status_table, shows_functions_under_their_server) {
    EXPECT_EQ(status_table(cluster, {busy}, false),
              "cluster jobs: 1 worker of /home/me/wc, process 4711\n"
              "server unix:/s: 2 functions\n"
              "  FUNCTION     QUEUED   RUNNING   WORKERS\n"
              "  wc.map           12         4         4\n"
              "  wc.reduce         3         0         0  nobody offers it\n");
}

TEST(status_table, shows_the_functions_of_sheaf_itself_when_asked) {
    EXPECT_THAT(status_table({}, {busy}, true), HasSubstr("  sheaf.ctl.1         5"));
}

TEST(status_table, a_server_without_functions_has_no_table) {
    EXPECT_EQ(status_table({}, {{"h:1", {}, std::nullopt}}, false), "server h:1: 0 functions\n");
}

TEST(status_table, a_server_that_does_not_answer_says_why) {
    EXPECT_EQ(status_table({}, {absent}, false), "server jobs:4731: no answer\n");
    EXPECT_EQ(status_problems({idle, absent}), "sheaf status: jobs:4731: nobody is \"there\"\n");
}

TEST(status_table, names_cannot_break_it) {
    const std::string text =
        status_table({}, {{"h:1", {{"a\x1b[2J\nserver x", 0, 0, 1}, {"ä", 0, 0, 1}}, std::nullopt}}, false);
    EXPECT_EQ(text,
              "server h:1: 2 functions\n"
              "  FUNCTION                QUEUED   RUNNING   WORKERS\n"
              "  a\\x1b[2J\\x0aserver x         0         0         1\n"
              "  ä                            0         0         1\n");
}

TEST(status_json, says_the_same_for_programs) {
    EXPECT_EQ(
        status_json(cluster, {idle, absent}, false),
        R"({"cluster":{"name":"jobs","pid":4711,"program":"/home/me/wc","workers":1},"degraded":false,"servers":[)"
        R"({"server":"jobs:4730","ok":true,"functions":[{"name":"wc.map","queued":0,"running":0,"workers":4}]},)"
        R"({"server":"jobs:4731","ok":false,"error":"connection_failed","message":"nobody is \"there\""}]})"
        "\n");
    const std::string degraded = status_json({}, {busy}, false);
    EXPECT_THAT(degraded, HasSubstr(R"("cluster":null,"degraded":true)"));
    EXPECT_THAT(degraded, Not(HasSubstr("sheaf.ctl")));
}

TEST(status_exit_code, tells_well_from_degraded_from_down) {
    EXPECT_EQ(status_exit_code({idle}), 0);
    EXPECT_EQ(status_exit_code({idle, busy}), 1);
    EXPECT_EQ(status_exit_code({idle, busy, absent}), 3);
    EXPECT_EQ(status_exit_code({{"h:1", {{"sheaf.ctl.1", 5, 0, 0}}, std::nullopt}}), 0) << "Sheaf's own do not count";
}

}  // namespace
}  // namespace sheaf::up
