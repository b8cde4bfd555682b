// What workers can do beside running handlers one after the other.
#include <signal.h>

#include "integration/cluster/crew_program.hpp"

namespace sheaf::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

class crew : public crew_fixture {};

INSTANTIATE_TEST_SUITE_P(on, crew, ::testing::Values(brand::sheafd, brand::gearmand), brand_name);

TEST_P(crew, recursion_by_calls_ends_with_one_slot) {
    start({"--workers", "1"});
    EXPECT_EQ(calls->call(fib(7), {.deadline = patience}), 13);
    EXPECT_EQ(calls->call(descend(40), {.deadline = patience}), 40);
}

TEST_P(crew, recursion_without_end_is_an_error_that_says_what_to_do) {
    start({"--workers", "1"});
    try {
        (void)calls->call(descend(100), {.deadline = patience});
        FAIL() << "it ended well";
    } catch (const would_deadlock& why) {  // as dozens of handlers have passed it on
        EXPECT_THAT(why.what(), HasSubstr("start more workers"));
        EXPECT_TRUE(why.why().causes.empty());
    }
    EXPECT_EQ(calls->call(square(12), {.deadline = patience}), 144);
}

TEST_P(crew, a_stream_of_a_worker_process_arrives_whole) {
    start({"--workers", "1"});
    int expected = 0;
    for (const int one : calls->stream(numbers(1000), {.deadline = patience})) EXPECT_EQ(one, expected++);
    EXPECT_EQ(expected, 1000);
}

TEST_P(crew, a_stream_whose_host_is_killed_ends_and_does_not_begin_anew) {
    start({"--workers", "1"});
    const auto first_host = std::move(workers);
    auto all = calls->stream(numbers(1'000'000'000), {.deadline = patience});
    ASSERT_EQ(all.next(), 0);
    start({"--workers", "1"});  // where the server sends the job next
    ::kill(first_host->pid(), SIGKILL);
    int expected = 1;
    const auto read_all = [&] {
        while (const auto one = all.next()) ASSERT_EQ(*one, expected++);
    };
    EXPECT_THROW(read_all(), worker_lost);
    EXPECT_EQ(calls->call(square(12), {.deadline = patience}), 144) << "who began it anew has stopped";
}

TEST_P(crew, a_worker_that_was_stopped_without_a_word_is_used_again_when_it_goes_on) {
    start({"--workers", "1"});
    const int pid = worker_pid();
    ::kill(pid, SIGSTOP);
    const auto lost = calls->try_call(square(2), {.deadline = 100ms});
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, errc::timeout);
    ::kill(pid, SIGCONT);
    EXPECT_EQ(calls->call(square(12), {.deadline = patience}), 144);
    EXPECT_EQ(worker_pid(), pid);
}

TEST_P(crew, only_the_tasks_that_are_meant_are_offered) {
    start({"--workers", "1", "--only", "crew.s*,crew.pid"});
    EXPECT_EQ(calls->call(square(12), {.deadline = patience}), 144);
    const auto nobody = calls->try_call(count(), {.deadline = patience, .queue_timeout = 50ms});
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, errc::no_worker);
}

TEST_P(crew, dedicated_processes_run_what_they_are_for_while_all_others_are_busy) {
    start({"--workers", "1", "--dedicated", "crew.square=1"}, {"SHEAF_STOP_GRACE=0.05"});
    auto busy = calls->submit(wait_for_stop(file("log")), {.deadline = patience});
    ASSERT_TRUE(gets_line(file("log"), "begun"));
    EXPECT_EQ(calls->call(square(12), {.deadline = patience}), 144);
    busy.cancel();
}

TEST_P(crew, a_task_with_one_slot_runs_once_at_a_time) {
    start({"--workers", "1", "--slots", "4"});
    std::vector<future<int>> all;
    for (int i = 0; i < 8; ++i) all.push_back(calls->submit(rare(), {.deadline = patience}));
    for (auto& one : all) EXPECT_EQ(one.get(), 1);
}

TEST_P(crew, a_task_with_one_slot_is_offered_by_the_first_process_alone) {
    start({"--workers", "3"});
    std::size_t offered = 0;
    for (const auto& report : calls->server_status(patience)) {
        for (const auto& function : report.functions) {
            if (function.name == "crew.rare") offered += function.workers;
        }
    }
    EXPECT_EQ(offered, 1U);
}

TEST_P(crew, each_slot_has_a_state_of_its_own_that_lasts) {
    start({"--workers", "1"});
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) seen.push_back(calls->call(count(), {.deadline = patience}));
    EXPECT_THAT(seen, ElementsAre(0, 1, 2));
}

TEST_P(crew, hooks_run_before_and_after_and_periodic_work_in_between) {
    start({"--workers", "1"}, {"CREW_LOG=" + file("log")});
    ASSERT_TRUE(gets_line(file("log"), "tick"));
    workers->send_signal(SIGTERM);
    EXPECT_EQ(workers->wait(), 0);
    const auto lines = lines_of(file("log"));
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "start");
    EXPECT_EQ(lines.back(), "stop");
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "stop"), 1);
}

TEST_P(crew, parallel_algorithms_within_a_handler_keep_to_the_processs_share_of_the_cores) {
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    start({"--workers", std::to_string(cores)});
    EXPECT_EQ(calls->call(threads(), {.deadline = patience}), 1);
    workers.reset();
    start({"--workers", "1"}, {"SHEAF_THREADS=2"});
    EXPECT_THAT(calls->call(threads(), {.deadline = patience}), Le(2));
}

TEST_P(crew, an_environment_that_means_no_task_is_refused_by_name) {
    process alone(
        command{{program("tests/crew")}, {"SHEAF_ROLE=worker", "SHEAF_SERVER=" + server, "SHEAF_ONLY=other.*"}});
    EXPECT_EQ(alone.wait(), 2);
    EXPECT_THAT(alone.error_output(), AllOf(HasSubstr("SHEAF_ONLY='other.*'"), HasSubstr("crew.square")));
}

}  // namespace
}  // namespace sheaf::test
