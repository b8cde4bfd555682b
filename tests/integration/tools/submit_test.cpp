// sheaf submit and sheaf worker --exec: with each other, and with gearmand's own tools on the other side.
#include <chrono>

#include <gmock/gmock.h>

#include "integration/tools/tool_runs.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_P(tools, a_command_of_the_shell_does_the_jobs_of_a_function) {
    const auto worker = serve({"upper=tr a-z A-Z", "who=echo $SHEAF_JOB_FUNCTION $SHEAF_JOB_UNIQUE"});
    EXPECT_EQ(run(sheaf({"submit", "-f", "upper", "ab", "cd"})).output, "ABCD");
    EXPECT_EQ(run(sheaf({"submit", "-f", "upper"}), "from\ninput").output, "FROM\nINPUT");
    EXPECT_EQ(run(sheaf({"submit", "-f", "who", "-u", "key", "--no-input"})).output, "who key\n");
    const ended large = run(sheaf({"submit", "-f", "upper"}), std::string(3 << 20, 'x'));
    EXPECT_TRUE(large.output == std::string(3 << 20, 'X')) << large.output.size() << " bytes; " << large.errors;
}

TEST_P(tools, each_line_is_a_job_and_results_keep_the_order) {
    // The first line is the last to be done.
    const auto worker = serve({"echo=read n; [ $n = 1 ] && sleep 0.2; echo $n"});
    const ended done = run(sheaf({"submit", "-f", "echo", "-n", "-P"}), "1\n2\n3\n4\n");
    EXPECT_EQ(done.output, "echo: 1\necho: 2\necho: 3\necho: 4\n");
    EXPECT_EQ(done.code, 0) << done.errors;
}

TEST_P(tools, a_line_without_its_end_gives_a_result_that_ends_one) {
    const auto worker = serve({"count=wc -c | tr -d '\\n'"});
    EXPECT_EQ(run(sheaf({"submit", "-f", "count", "-N"}), "one\nthree\n").output, "3\n5\n");
    EXPECT_EQ(run(sheaf({"submit", "-f", "count", "-n"}), "one\nthree\n").output, "46");
}

TEST_P(tools, a_command_that_fails_fails_its_job_and_says_how) {
    const auto worker = serve({"bad=exit 3", "good=cat"});
    const ended failed = run(sheaf({"submit", "-f", "bad", "x"}));
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.errors, HasSubstr("exited with status 3"));
    const ended both = run(sheaf({"submit", "-f", "bad", "-f", "good", "x"}));
    EXPECT_EQ(both.code, 1);
    EXPECT_EQ(both.output, "x");
}

TEST_P(tools, a_job_that_fails_is_tried_again_and_a_worker_ends_after_so_many) {
    const scratch_directory place;
    const std::string mark = (place / "mark").string();
    const auto worker =
        serve({"flaky=if [ -e " + mark + " ]; then echo done; else touch " + mark + "; exit 1; fi"}, {"--jobs", "2"});
    const ended done = run(sheaf({"submit", "-f", "flaky", "--retries", "3", "--no-input"}));
    EXPECT_EQ(done.output, "done\n");
    EXPECT_EQ(done.code, 0);
    EXPECT_THAT(done.errors, HasSubstr("is submitted again (1)"));
    EXPECT_EQ(worker->wait(), 0) << worker->error_output();
}

TEST_P(tools, output_is_streamed_where_that_is_asked_for) {
    const auto worker = serve({"two=echo one; read line; echo two"}, {"--stream"});
    EXPECT_EQ(run(sheaf({"submit", "-f", "two", "x"})).output, "one\ntwo\n");
}

TEST_P(tools, what_takes_too_long_ends_with_its_own_exit_code) {
    const ended late = run(sheaf({"submit", "-f", "nobody", "-t", "0.05", "x"}));
    EXPECT_EQ(late.code, 4);
    EXPECT_THAT(late.errors, HasSubstr("nobody"));
}

TEST_P(tools, a_background_job_prints_its_handle_and_is_done_later) {
    const ended submitted = run(sheaf({"submit", "-b", "-f", "later", "work"}));
    EXPECT_EQ(submitted.code, 0);
    EXPECT_TRUE(submitted.output.starts_with("H:") && submitted.output.ends_with("\n")) << submitted.output;
    process worker(gearman({"-w", "-c", "1", "-f", "later", "--", "cat", ">&2"}));
    EXPECT_EQ(worker.wait(), 0) << worker.error_output();
}

TEST_P(tools, gearmands_tools_work_on_either_side) {
    const auto ours = serve({"upper=tr a-z A-Z"});
    EXPECT_EQ(run(gearman({"-f", "upper", "hello"})).output, "HELLO");
    process theirs(gearman({"-w", "-c", "1", "-f", "turn", "--", "tac"}));
    EXPECT_EQ(run(sheaf({"submit", "-f", "turn"}), "1\n2\n").output, "2\n1\n");
}

TEST_P(tools, a_worker_that_is_told_to_stop_lets_commands_end_and_ends_them_when_told_again) {
    const auto patient = serve({"slow=echo began >&2; sleep 0.2; echo done"});
    process client(sheaf({"submit", "-f", "slow", "x"}));
    while (patient->error_output().find("began") == std::string::npos) ASSERT_FALSE(client.wait(5ms));
    patient->send_signal(SIGTERM);
    EXPECT_EQ(client.read_all(), "done\n");
    EXPECT_EQ(patient->wait(), 0) << patient->error_output();

    const auto hasty = serve({"ever=echo began >&2; sleep 1000"});
    process waiting(sheaf({"submit", "-f", "ever", "x"}));
    while (hasty->error_output().find("began") == std::string::npos) ASSERT_FALSE(waiting.wait(5ms));
    hasty->send_signal(SIGINT);
    while (hasty->error_output().find("another signal") == std::string::npos) ASSERT_FALSE(hasty->wait(5ms));
    hasty->send_signal(SIGINT);
    EXPECT_EQ(hasty->wait(), 128 + SIGINT) << hasty->error_output();
}

TEST_P(tools, what_cannot_be_done_is_said) {
    EXPECT_EQ(run(sheaf({"submit", "x"})).code, 2);
    EXPECT_EQ(run(sheaf({"submit", "-f", "f", "-n", "x"})).code, 2);
    const ended no_file = run(sheaf({"submit", "-f", "f", "--file", "/nowhere/at all"}));
    EXPECT_EQ(no_file.code, 2);
    EXPECT_THAT(no_file.errors, HasSubstr("No such file"));
    EXPECT_EQ(run(sheaf({"worker", "--exec", "nothing"})).code, 2);
    EXPECT_EQ(run(sheaf({"worker", "--exec", "f=cat", "./program"})).code, 2);
    EXPECT_EQ(run(sheaf({"submit", "-s", "127.0.0.1:1", "-t", "1", "-f", "f", "x"})).code, 4);
}

INSTANTIATE_TEST_SUITE_P(with, tools, ::testing::Values("sheafd", "gearmand"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace sheaf::test
