// Whole programs with a cluster of their own: what they leave behind, and how they end.
#include <filesystem>
#include <set>
#include <signal.h>

#include <gmock/gmock.h>

#include "integration/cluster/worker_program.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class local_cluster : public ::testing::Test {
  protected:
    process start(const std::string& what, std::vector<std::string> environment = {}) {
        environment.push_back("XDG_RUNTIME_DIR=" + runtime_.path().string());
        environment.emplace_back("SHEAF_WORKERS=3");
        return process(command{{program("tests/faults"), what}, std::move(environment)});
    }
    // How many clusters have a directory.
    [[nodiscard]] std::ptrdiff_t directories() const {
        const auto base = runtime_ / ("sheaf-" + std::to_string(::getuid()));
        return std::distance(std::filesystem::directory_iterator(base), std::filesystem::directory_iterator{});
    }

    scratch_directory runtime_;
};

TEST_F(local_cluster, ends_with_its_driver_and_leaves_nothing) {
    process driver = start("call");
    EXPECT_EQ(driver.read_line(), "call 9");
    EXPECT_EQ(driver.wait(), 0) << driver.error_output();
    EXPECT_EQ(driver.error_output(), "");
    EXPECT_EQ(directories(), 0);
}

TEST_F(local_cluster, a_driver_that_is_killed_takes_its_workers_along) {
    process driver = start("wait");
    EXPECT_EQ(driver.read_line(), "wait 9");
    ASSERT_TRUE(eventually([&driver] { return children_of(driver.pid()).size() == 3; }));
    std::vector<other_process> workers;
    for (const pid_t worker : children_of(driver.pid())) workers.emplace_back(worker);
    driver.send_signal(SIGKILL);
    for (const other_process& worker : workers) EXPECT_TRUE(worker.ends(5s));

    process next = start("call");  // sweeps what the other one left
    EXPECT_EQ(next.wait(), 0);
    EXPECT_EQ(directories(), 0);
}

TEST_F(local_cluster, ctrl_c_cancels_the_calls_and_exits_with_130) {
    process driver = start("wait");
    EXPECT_EQ(driver.read_line(), "wait 9");
    driver.send_signal(SIGINT);
    EXPECT_EQ(driver.wait(), 130);
    EXPECT_EQ(driver.error_output(), "faults: interrupted: stopping 3 workers\n");
    EXPECT_EQ(directories(), 0);
}

TEST_F(local_cluster, sigterm_does_the_same_and_exits_with_143) {
    process driver = start("wait");
    EXPECT_EQ(driver.read_line(), "wait 9");
    driver.send_signal(SIGTERM);
    EXPECT_EQ(driver.wait(), 143);
}

TEST_F(local_cluster, a_call_that_waits_because_its_task_is_not_bound_is_spoken_of) {
    process driver = start("forget");
    EXPECT_TRUE(eventually([&driver] { return !driver.error_output().empty(); }));
    EXPECT_THAT(driver.error_output(), HasSubstr("calls of \"faults.forgotten\" wait, and nobody offers it"));
    driver.send_signal(SIGINT);
    EXPECT_EQ(driver.wait(), 130);
}

TEST_F(local_cluster, what_the_driver_does_not_catch_is_reported_and_exits_with_1) {
    process driver = start("throw");
    EXPECT_EQ(driver.wait(), 1);
    EXPECT_THAT(driver.error_output(), HasSubstr("faults: task \"faults.nest\": the outer reason"));
    EXPECT_THAT(driver.error_output(), HasSubstr("caused by: the inner reason"));
}

TEST_F(local_cluster, workers_that_die_are_replaced_and_the_user_hears_of_it) {
    process driver = start("crash");
    EXPECT_EQ(driver.read_line(), "crash 9");
    EXPECT_EQ(driver.read_line(), "3");
    EXPECT_EQ(driver.wait(), 0) << driver.error_output();
    EXPECT_THAT(driver.error_output(), HasSubstr("was ended by signal 11 (Segmentation fault) while it ran a job"));
}

TEST_F(local_cluster, an_environment_that_makes_no_sense_is_refused_with_2) {
    process driver = start("call", {"SHEAF_SERVER=host:port"});
    EXPECT_EQ(driver.wait(), 2);
    EXPECT_THAT(driver.error_output(), HasSubstr("SHEAF_SERVER='host:port'"));
}

}  // namespace
}  // namespace sheaf::test
