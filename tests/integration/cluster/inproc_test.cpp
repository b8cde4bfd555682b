// Driver, server and workers in one process: what users' unit tests and debuggers use.
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <numeric>
#include <ranges>
#include <unistd.h>

#include <gmock/gmock.h>

#include "integration/cluster/faults_tasks.hpp"
#include "integration/cluster/worker_program.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/sheaf.hpp>

namespace sheaf::test {
namespace {

using ::testing::HasSubstr;

TEST(inproc_cluster, answers_calls_from_threads_of_this_process) {
    app program{"test"};
    program.bind(square, [](int x) { return long{x} * x; });
    program.bind(process_id, [] { return static_cast<int>(::getpid()); });
    cluster calls = program.inproc();
    EXPECT_EQ(calls.workers(), 2U);
    EXPECT_EQ(calls.call(process_id()), ::getpid());
    const std::vector<long> squares = calls.map(square, std::views::iota(0, 1000));
    EXPECT_EQ(squares[999], 999L * 999);
    EXPECT_TRUE(children_of(::getpid()).empty());
}

TEST(inproc_cluster, runs_as_many_handlers_at_once_as_it_was_told) {
    app program{"test"};
    std::mutex mutex;
    std::condition_variable arrived;
    int here = 0;
    program.bind(square, [&](int x) {
        std::unique_lock lock(mutex);
        ++here;
        arrived.notify_all();
        // Each waits for the others: with fewer threads than calls, nobody would ever go on.
        return arrived.wait_for(lock, patience, [&] { return here == 3; }) ? long{x} : -1L;
    });
    cluster calls = program.inproc(3);
    EXPECT_EQ(calls.map(square, std::views::iota(0, 3)), (std::vector<long>{0, 1, 2}));
}

TEST(inproc_cluster, lets_handlers_call_other_tasks) {
    app program{"test"};
    constexpr task<"inproc.twice", long(int)> twice{};
    program.bind(square, [](int x) { return long{x} * x; });
    program.bind(twice, [](context& call, int x) { return 2 * call.cluster().call(square(x)); });
    cluster calls = program.inproc(1);
    EXPECT_EQ(calls.call(twice(3), {.deadline = patience}), 18);
}

TEST(inproc_cluster, errors_travel_as_they_do_between_processes) {
    app program{"test"};
    program.bind(refuse, [](int day) {
        not_today error("not today");
        error.until_day = day;
        throw error;
    });
    cluster calls = program.inproc();
    try {
        calls.call(refuse(3));
        FAIL() << "it did not refuse";
    } catch (const not_today& why) {
        EXPECT_EQ(why.until_day, 3);
    }
}

TEST(inproc_cluster, checks_that_both_sides_mean_the_same_types) {
    app program{"test"};
    program.bind(square, [](int x) { return long{x} * x; });
    cluster calls = program.inproc();
    constexpr task<"faults.square", long(std::string)> other{};
    const auto outcome = calls.try_call(other("7"));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::schema_mismatch);
}

TEST(inproc_cluster, says_what_its_server_has) {
    app program{"test"};
    program.bind(square, [](int x) { return long{x} * x; });
    cluster calls = program.inproc();
    EXPECT_EQ(calls.call(square(3)), 9);
    const auto reports = calls.server_status(patience);
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_FALSE(reports[0].problem);
    EXPECT_EQ(reports[0].function("faults.square"), (function_status{"faults.square", 0, 0, 1}));
}

TEST(inproc_cluster, without_a_task_is_refused) {
    const app program{"test"};
    EXPECT_THROW((void)program.inproc(), std::logic_error);
}

TEST(inproc_program, runs_all_in_one_process_and_leaves_nothing) {
    const scratch_directory runtime;
    process driver(command{{program("tests/faults"), "call"},
                           {"SHEAF_SERVER=inproc:", "SHEAF_WORKERS=2", "XDG_RUNTIME_DIR=" + runtime.path().string()}});
    EXPECT_EQ(driver.read_line(), "call 9");
    EXPECT_EQ(driver.wait(), 0) << driver.error_output();
    EXPECT_EQ(driver.error_output(), "");
    const auto base = runtime / ("sheaf-" + std::to_string(::getuid()));
    EXPECT_TRUE(std::filesystem::is_empty(base));
}

TEST(inproc_program, has_no_child_and_ends_at_ctrl_c) {
    process driver(command{{program("tests/faults"), "wait"}, {"SHEAF_SERVER=inproc:", "SHEAF_WORKERS=1"}});
    EXPECT_EQ(driver.read_line(), "wait 9");
    EXPECT_TRUE(children_of(driver.pid()).empty());
    driver.send_signal(SIGINT);
    EXPECT_EQ(driver.wait(), 130) << driver.error_output();
}

TEST(program_output, that_cannot_be_written_is_a_failure) {
    process driver(
        command{{"sh", "-c", "exec \"$0\" 3 > /dev/full", program("examples/hello")}, {"SHEAF_SERVER=inproc:"}});
    EXPECT_EQ(driver.wait(), 1);
    EXPECT_THAT(driver.error_output(), HasSubstr("hello: standard output cannot be written, so some of it is missing"));
}

}  // namespace
}  // namespace sheaf::test
