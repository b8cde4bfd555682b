// The supervisor with real children: shells that play workers: four zero bytes on descriptor 4 say that
// the worker of slot 0 can serve.
#include "cluster/supervisor.hpp"

#include <atomic>
#include <fstream>
#include <future>
#include <poll.h>
#include <semaphore>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <gmock/gmock.h>

#include "cluster/child_process.hpp"
#include "support/deadline.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

supervisor_options shell(const std::string& script) {
    supervisor_options how;
    how.program = "/bin/sh";
    how.arguments = {"sh", "-c", script};
    how.servers = "unix:/nowhere";
    return how;
}

TEST(supervisor, tells_when_all_processes_are_ready_and_ends_them) {
    std::promise<void> ready;
    auto how = shell("printf '\\0\\0\\0\\0' >&4; exec sleep 1000");
    how.on_ready = [&] { ready.set_value(); };
    supervisor workers(std::move(how));
    ASSERT_EQ(ready.get_future().wait_for(test::patience), std::future_status::ready);
    EXPECT_EQ(workers.running(), 1U);
    workers.stop(test::patience);
    EXPECT_EQ(workers.running(), 0U);
}

TEST(supervisor, has_as_many_processes_as_it_was_last_told) {
    std::counting_semaphore<> ready(0);
    // The second field of the variable is the first slot, and so the worker's number: it reports as that.
    auto how = shell("slot=${SHEAF_SUPERVISED_BY#*:}; printf \"\\\\${slot%:*}\\\\0\\\\0\\\\0\" >&4; exec sleep 1000");
    how.processes_max = 3;
    how.on_ready = [&] { ready.release(); };
    supervisor workers(std::move(how));
    ASSERT_TRUE(ready.try_acquire_for(test::patience));
    EXPECT_EQ(workers.running(), 1U);
    for (const std::size_t processes : {3U, 1U, 1U, 2U}) {
        workers.resize(processes);
        ASSERT_TRUE(ready.try_acquire_for(test::patience)) << processes;
        EXPECT_EQ(workers.running(), processes);
    }
}

TEST(supervisor, lets_a_process_that_is_one_too_many_end_what_it_does) {
    std::counting_semaphore<> ready(0);
    std::atomic<unsigned> events{0};
    const test::scratch_directory notes;
    const std::string done = (notes / "done").string();
    auto how = shell("slot=${SHEAF_SUPERVISED_BY#*:}; slot=${slot%:*}; trap 'echo x > " + done +
                     "; exit 0' TERM; printf \"\\\\$slot\\\\0\\\\0\\\\0\" >&4; while :; do sleep 0.05; done");
    how.processes = 2;
    how.on_ready = [&] { ready.release(); };
    how.on_event = [&](const std::string&) { ++events; };
    supervisor workers(std::move(how));
    ASSERT_TRUE(ready.try_acquire_for(test::patience));
    workers.resize(1);
    ASSERT_TRUE(ready.try_acquire_for(test::patience));
    EXPECT_TRUE(std::ifstream(done).good());
    EXPECT_EQ(events, 0U) << "nobody has died";
}

TEST(supervisor, kills_who_does_not_end_within_the_grace) {
    std::promise<void> ready;
    auto how = shell("trap '' TERM; printf '\\0\\0\\0\\0' >&4; while :; do :; done");
    how.on_ready = [&] { ready.set_value(); };
    supervisor workers(std::move(how));
    ASSERT_EQ(ready.get_future().wait_for(test::patience), std::future_status::ready);
    workers.stop(10ms);
    EXPECT_EQ(workers.running(), 0U);
}

TEST(supervisor, tells_workers_that_are_given_long_that_they_need_not_hurry) {
    std::promise<void> ready;
    auto how = shell("trap '' TERM; trap 'exit 0' USR1; printf '\\0\\0\\0\\0' >&4; while :; do :; done");
    how.on_ready = [&] { ready.set_value(); };
    supervisor workers(std::move(how));
    ASSERT_EQ(ready.get_future().wait_for(test::patience), std::future_status::ready);
    workers.stop(1h);
    EXPECT_EQ(workers.running(), 0U);
}

TEST(supervisor, tells_who_does_not_end_within_the_grace_to_stop_before_it_kills) {
    std::promise<void> ready;
    const test::scratch_directory notes;
    const std::string words = (notes / "words").string();
    auto how = shell("trap '' TERM; trap 'echo leaving > " + words +
                     "; exit 0' USR2; printf '\\0\\0\\0\\0' >&4; while :; do :; done");
    how.on_ready = [&] { ready.set_value(); };
    supervisor workers(std::move(how));
    ASSERT_EQ(ready.get_future().wait_for(test::patience), std::future_status::ready);
    workers.stop(1s);
    EXPECT_TRUE(std::ifstream(words).good());
}

TEST(supervisor, starts_another_when_one_that_served_dies) {
    std::promise<std::string> died;
    auto how = shell("printf '\\0\\0\\0\\0' >&4; kill -SEGV $$");
    how.limits.free_restarts = 1;
    how.limits.pause_min = 1h;
    how.limits.pause_max = 1h;
    unsigned deaths = 0;
    how.on_event = [&](const std::string& line) {
        if (++deaths == 2) died.set_value(line);
    };
    const supervisor workers(std::move(how));
    auto line = died.get_future();
    ASSERT_EQ(line.wait_for(test::patience), std::future_status::ready);
    EXPECT_THAT(line.get(), HasSubstr("was ended by signal 11 (Segmentation fault); starting another"));
}

TEST(supervisor, gives_up_on_a_program_that_ends_before_it_serves_and_says_how_it_ended) {
    std::promise<std::string> failed;
    auto how = shell("exit 3");
    how.processes = 2;
    how.on_failed = [&](const std::string& why) { failed.set_value(why); };
    const supervisor workers(std::move(how));
    auto why = failed.get_future();
    ASSERT_EQ(why.wait_for(test::patience), std::future_status::ready);
    EXPECT_THAT(why.get(), HasSubstr("5 times in a row; the last one exited with status 3"));
}

TEST(supervisor, gives_up_on_a_program_that_does_not_begin_to_serve_and_on_what_that_has_started) {
    std::promise<std::string> failed;
    const test::scratch_directory notes;
    const std::string started = (notes / "pid").string();
    auto how = shell("sleep 1000 & echo $! > " + started + "; wait");
    how.start_limit = 300ms;
    how.on_failed = [&](const std::string& why) { failed.set_value(why); };
    supervisor workers(std::move(how));
    auto why = failed.get_future();
    ASSERT_EQ(why.wait_for(test::patience), std::future_status::ready);
    EXPECT_THAT(why.get(), HasSubstr("have not reached app.run() after 300 ms"));
    pid_t pid = 0;
    std::ifstream(started) >> pid;
    ASSERT_GT(pid, 0);
    const unique_fd grandchild(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    workers.stop(test::patience);
    EXPECT_EQ(workers.running(), 0U);
    EXPECT_TRUE(!grandchild || test::deadline(test::patience).wait(grandchild.get(), POLLIN));
}

TEST(supervisor, learns_how_its_workers_end_although_SIGCHLD_was_ignored_when_it_started) {
    ::signal(SIGCHLD, SIG_IGN);
    std::promise<std::string> failed;
    auto how = shell("exit 3");
    how.on_failed = [&](const std::string& why) { failed.set_value(why); };
    const supervisor workers(std::move(how));
    auto why = failed.get_future();
    ASSERT_EQ(why.wait_for(test::patience), std::future_status::ready);
    EXPECT_THAT(why.get(), HasSubstr("the last one exited with status 3"));
}

TEST(child_process, whose_status_somebody_else_has_taken_has_ended_all_the_same) {
    child_process child(
        {.program = "/bin/sh", .arguments = {"sh", "-c", "exit 3"}, .environment = {}, .descriptors = {}});
    ASSERT_EQ(::waitpid(child.pid(), nullptr, 0), child.pid());
    const auto how = child.reap();
    ASSERT_TRUE(how);
    EXPECT_EQ(describe(*how), "ended, nobody knows how");
    EXPECT_FALSE(child.reap());
}

TEST(supervisor, reports_a_program_that_cannot_be_started) {
    std::promise<std::string> failed;
    auto how = shell("");
    how.program = "/nonexistent/program";
    how.on_failed = [&](const std::string& why) { failed.set_value(why); };
    const supervisor workers(std::move(how));
    auto why = failed.get_future();
    ASSERT_EQ(why.wait_for(test::patience), std::future_status::ready);
    EXPECT_THAT(why.get(), HasSubstr("/nonexistent/program"));
}

TEST(supervisor, gives_its_children_only_what_they_share_with_it) {
    std::promise<std::string> failed;
    const std::string report = ::testing::TempDir() + "sheaf_supervisor_test_" + std::to_string(::getpid());
    constexpr int not_for_children = 77;
    ASSERT_EQ(::dup2(STDERR_FILENO, not_for_children), not_for_children);
    auto how = shell("{ ls /proc/$$/fd | tr '\\n' ' '; echo $SHEAF_ROLE $SHEAF_SERVER; } > " + report);
    how.on_failed = [&](const std::string& why) { failed.set_value(why); };
    {
        const supervisor workers(std::move(how));
        ASSERT_EQ(failed.get_future().wait_for(test::patience), std::future_status::ready);
    }
    std::ifstream file(report);
    std::string line;
    std::getline(file, line);
    ::unlink(report.c_str());
    ::close(not_for_children);
    EXPECT_THAT(line, HasSubstr(" 2 3 4 "));
    EXPECT_THAT(line, HasSubstr("worker unix:/nowhere"));
    EXPECT_THAT(line, ::testing::Not(HasSubstr(" 77 ")));
}

}  // namespace
}  // namespace sheaf::detail
