// sheaf admin: Gearman's text protocol, as gearadmin speaks it.
#include <gmock/gmock.h>

#include "integration/tools/tool_runs.hpp"

namespace sheaf::test {
namespace {

using ::testing::HasSubstr;

using admin_tool = tools;

TEST_P(admin_tool, prints_what_the_server_answers) {
    (void)run(sheaf({"submit", "-b", "-f", "waits", "-u", "key", "x"}));
    EXPECT_EQ(run(sheaf({"admin", "status"})).output, "waits\t1\t0\t0\n");
    EXPECT_EQ(run(sheaf({"admin", "show", "unique", "jobs"})).output, "key\n");
    const ended changed = run(sheaf({"admin", "maxqueue", "waits", "1"}));
    EXPECT_EQ(changed.output, "OK\n");
    EXPECT_EQ(changed.code, 0);
    const ended full = run(sheaf({"submit", "-b", "-f", "waits", "y"}));
    EXPECT_EQ(full.code, 1);
    EXPECT_THAT(full.errors, HasSubstr("full"));
}

TEST_P(admin_tool, an_error_of_the_server_is_its_own_too) {
    const ended unknown = run(sheaf({"admin", "cancel", "job", "H:nobody:1"}));
    EXPECT_EQ(unknown.output, "ERR UNKNOWN_JOB\n");
    EXPECT_EQ(unknown.code, 1);
    EXPECT_EQ(run(sheaf({"admin", "status\nshutdown"})).code, 2);
    EXPECT_EQ(run(sheaf({"admin"})).code, 2);
    EXPECT_EQ(run(sheaf({"admin", "-s", "127.0.0.1:1", "--timeout", "1", "version"})).code, 3);
}

INSTANTIATE_TEST_SUITE_P(with, admin_tool, ::testing::Values("sheafd", "gearmand"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sheaf::test
