// The program `sheaf`.
#include <gmock/gmock.h>

#include "integration/cluster/faults_tasks.hpp"
#include "integration/cluster/worker_program.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

process sheaf_tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("sheaf"));
    return process(std::move(arguments));
}

TEST(sheaf_tool, status_shows_functions_their_jobs_and_their_workers) {
    const sheafd_process server;
    const worker_program workers(to_string(server.where()), "tests/faults", 2);
    auto calls = cluster::connect(to_string(server.where()));
    // An answer from each of the two, so that both have registered.
    EXPECT_EQ(calls.call(square(2), {.deadline = patience}), 4);
    process status = sheaf_tool({"status", "--server", to_string(server.where())});
    const std::string output = status.read_all();
    EXPECT_EQ(status.wait(), 0) << status.error_output();
    EXPECT_THAT(output, StartsWith("server " + to_string(server.where()) + ": 9 functions\n"));
    EXPECT_THAT(output, HasSubstr("FUNCTION              QUEUED   RUNNING   WORKERS\n"));
    EXPECT_THAT(output, ::testing::ContainsRegex("faults\\.square +0 +0 +[12]\n"));
}

TEST(sheaf_tool, a_server_that_is_not_there_gives_3) {
    const scratch_directory nowhere;
    process status = sheaf_tool({"status", "--timeout", "0.2", "--server", "unix:" + (nowhere / "socket").string()});
    EXPECT_EQ(status.wait(), 3) << status.error_output();
    EXPECT_THAT(status.error_output(), HasSubstr((nowhere / "socket").string()));
}

TEST(sheaf_tool, wrong_usage_gives_2) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{},
          {"dance"},
          {"status", "--server", "a:b:c"},
          {"worker", "--server", "localhost"},
          {"worker", "--server", "localhost", "--workers", "1024", "--slots", "1024", "program"},
          {"worker", "--server", "localhost", "--wrokers", "2", "program"}}) {
        process child = sheaf_tool(arguments);
        EXPECT_EQ(child.wait(), 2) << (arguments.empty() ? "nothing" : arguments.front());
        EXPECT_THAT(child.error_output(), StartsWith("sheaf"));
    }
}

TEST(sheaf_tool, a_command_that_there_is_not_is_named) {
    process child = sheaf_tool({"dance", "--wildly"});
    EXPECT_EQ(child.wait(), 2);
    EXPECT_THAT(child.error_output(), HasSubstr("there is no command \"dance\""));
}

TEST(sheaf_tool, version_says_which) {
    process child = sheaf_tool({"version"});
    EXPECT_THAT(child.read_all(), StartsWith("sheaf "));
    EXPECT_EQ(child.wait(), 0);
}

TEST(sheaf_worker, a_program_that_is_no_worker_is_an_error_that_says_so) {
    process child = sheaf_tool({"worker", "--server", "unix:/nowhere", "--workers", "1", "true"});
    EXPECT_EQ(child.wait(), 1);
    EXPECT_THAT(child.error_output(), HasSubstr("5 times in a row; the last one exited with status 0"));
}

TEST(sheaf_worker, a_program_that_is_not_there_is_an_error_that_names_it) {
    process child = sheaf_tool({"worker", "--server", "unix:/nowhere", "/no/such/program"});
    EXPECT_EQ(child.wait(), 1);
    EXPECT_THAT(child.error_output(), HasSubstr("/no/such/program"));
}

TEST(sheaf_worker, ends_with_its_processes_when_it_is_told_to) {
    const sheafd_process server;
    for (const int number : {SIGTERM, SIGINT}) {
        worker_program workers(to_string(server.where()), "tests/faults");
        std::vector<other_process> processes;
        for (const pid_t pid : children_of(workers.child().pid())) processes.emplace_back(pid);
        EXPECT_EQ(processes.size(), 2U);
        workers.child().send_signal(number);
        EXPECT_EQ(workers.child().wait(), number == SIGTERM ? 0 : 130) << workers.child().error_output();
        for (const other_process& one : processes) EXPECT_TRUE(one.ends(patience));
    }
}

TEST(sheaf_worker, takes_its_processes_along_when_it_is_killed) {
    const sheafd_process server;
    worker_program workers(to_string(server.where()), "tests/faults");
    std::vector<other_process> processes;
    for (const pid_t pid : children_of(workers.child().pid())) processes.emplace_back(pid);
    workers.child().send_signal(SIGKILL);
    for (const other_process& one : processes) EXPECT_TRUE(one.ends(patience));
}

}  // namespace
}  // namespace sheaf::test
