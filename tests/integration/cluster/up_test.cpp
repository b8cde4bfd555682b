// `sheaf up` and the commands that go with it: whole clusters, and what they leave behind.
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <signal.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "integration/cluster/worker_program.hpp"
#include "support/scratch_directory.hpp"
#include <sheaf/runtime/client.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A program that has ended.
struct ended {
    int code = -1;
    std::string output;
    std::string errors;
};

class own_cluster : public ::testing::Test {
  protected:
    ~own_cluster() override { run({"down", "--grace", "0"}); }

    /// `sheaf`, with a state directory of this test's own.
    [[nodiscard]] command sheaf(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), program("sheaf"));
        return {std::move(arguments), {"XDG_STATE_HOME=" + home_.path().string(), "SHEAF_SERVER="}};
    }
    ended run(std::vector<std::string> arguments) const {
        process child(sheaf(std::move(arguments)));
        ended how;
        how.output = child.read_all();
        how.code = child.wait().value_or(-1);
        how.errors = child.error_output();
        return how;
    }
    [[nodiscard]] static std::string served() { return program("tests/up_program"); }
    [[nodiscard]] std::filesystem::path directory() const { return home_ / "sheaf/default"; }
    [[nodiscard]] std::string address() const { return "unix:" + (directory() / "s").string(); }
    [[nodiscard]] bool has_left_something() const { return std::filesystem::exists(directory()); }

    /// How many workers offer `function` now.
    [[nodiscard]] std::uint64_t offered(std::string_view function) const {
        return server_status(address(), patience).front().function(function).workers;
    }

    scratch_directory home_;
};

/// `sheaf up` in the foreground, ready.
class up_process {
  public:
    explicit up_process(command what) : child_(std::move(what)) {
        do {
            const auto line = child_.read_line();
            if (!line) throw peer_failure("`sheaf up` has ended: " + child_.error_output());
            said_ += *line + "\n";
        } while (said_.find("export SHEAF_SERVER=") == std::string::npos);
        for (const pid_t pid : children_of(child_.pid())) children_.emplace_back(pid);
    }
    [[nodiscard]] process& child() noexcept { return child_; }
    [[nodiscard]] const std::string& said() const noexcept { return said_; }
    /// Its workers, and one that sweeps up when it is killed.
    [[nodiscard]] std::size_t children() const noexcept { return children_.size(); }
    /// Kills it and whatever it has started, as the end of a session or a container does.
    void kill_all() {
        child_.send_signal(SIGSTOP);
        for (const pid_t pid : children_of(child_.pid())) ::kill(pid, SIGKILL);
        child_.send_signal(SIGKILL);
        child_.wait();
    }
    /// Whether all processes that it began with end.
    [[nodiscard]] bool children_end() const {
        return std::ranges::all_of(children_, [](const other_process& one) { return one.ends(patience); });
    }

  private:
    process child_;
    std::string said_;
    std::vector<other_process> children_;
};

TEST_F(own_cluster, is_used_by_run_and_ended_by_down) {
    up_process up(sheaf({"up", "--workers", "2", served()}));
    EXPECT_THAT(up.said(), StartsWith("sheaf up: cluster \"default\" is ready: 2 workers of " + served() + "\n"));
    EXPECT_THAT(up.said(), HasSubstr("\nexport SHEAF_SERVER=" + address() + "\n"));
    EXPECT_EQ(up.children(), 3U);

    const ended driver = run({"run", served(), "abc", "--name"});
    EXPECT_EQ(driver.output, "cba\neman--\n");
    EXPECT_EQ(driver.code, 7) << "the program's own";
    EXPECT_EQ(driver.errors, "");

    const ended down = run({"down"});
    EXPECT_EQ(down.code, 0) << down.errors;
    EXPECT_EQ(down.output, "sheaf down: cluster \"default\" has ended, with its 2 workers\n");
    EXPECT_EQ(up.child().wait(), 0) << up.child().error_output();
    EXPECT_TRUE(up.children_end());
    EXPECT_FALSE(has_left_something());
}

TEST_F(own_cluster, ctrl_c_ends_it_and_leaves_nothing) {
    up_process up(sheaf({"up", "--workers", "2", served()}));
    up.child().send_signal(SIGINT);
    EXPECT_EQ(up.child().wait(), 130);
    EXPECT_EQ(up.child().error_output(), "");
    EXPECT_TRUE(up.children_end());
    EXPECT_FALSE(has_left_something());
}

TEST_F(own_cluster, goes_on_when_nobody_reads_what_it_says) {
    process up(sheaf({"up", "--workers", "1", served()}));
    up.close_output();
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(directory() / "s") && offered("up.reverse") == 1; }));
    EXPECT_EQ(run({"scale", "2"}).code, 0) << "by then it has said that it is ready";
    EXPECT_EQ(run({"run", served(), "abc"}).output, "cba\n");
    EXPECT_EQ(run({"down"}).code, 0);
    EXPECT_EQ(up.wait(), 0) << up.error_output();
}

TEST_F(own_cluster, of_a_program_that_never_reaches_run_ends_with_an_error_and_leaves_nothing) {
    process up(sheaf({"up", "--workers", "2", "--start-timeout", "0.3", "sleep", "1000"}));
    std::vector<other_process> children;
    ASSERT_TRUE(eventually([&] { return children_of(up.pid()).size() == 3; }));
    for (const pid_t pid : children_of(up.pid())) children.emplace_back(pid);
    EXPECT_EQ(up.wait(), 1);
    EXPECT_THAT(up.error_output(),
                HasSubstr("worker processes of sleep run, but have not reached app.run() after 300 ms"));
    EXPECT_TRUE(std::ranges::all_of(children, [](const other_process& one) { return one.ends(patience); }));
    EXPECT_FALSE(has_left_something());
}

TEST_F(own_cluster, whose_program_never_reaches_run_and_that_is_killed_leaves_nothing) {
    process up(sheaf({"up", "--workers", "2", "sleep", "1000"}));
    std::vector<other_process> children;
    ASSERT_TRUE(eventually([&] { return children_of(up.pid()).size() == 3; }));
    for (const pid_t pid : children_of(up.pid())) children.emplace_back(pid);
    up.send_signal(SIGKILL);
    EXPECT_EQ(up.wait(), 128 + SIGKILL);
    EXPECT_TRUE(std::ranges::all_of(children, [](const other_process& one) { return one.ends(patience); }));
}

TEST_F(own_cluster, that_is_killed_leaves_nothing) {
    up_process up(sheaf({"up", "--workers", "2", served()}));
    ASSERT_TRUE(has_left_something());
    up.child().send_signal(SIGKILL);
    EXPECT_EQ(up.child().wait(), 128 + SIGKILL);
    EXPECT_TRUE(up.children_end());
    EXPECT_FALSE(has_left_something());
    const ended status = run({"status"});
    EXPECT_EQ(status.code, 3);
    EXPECT_THAT(status.errors, HasSubstr("no cluster \"default\" is up; start it with"));
}

TEST_F(own_cluster, all_of_which_is_killed_is_cleared_away_by_the_next_command) {
    for (const std::string command : {"up", "status", "down"}) {
        up_process up(sheaf({"up", "--workers", "1", served()}));
        up.kill_all();
        ASSERT_TRUE(has_left_something());
        if (command == "up") continue;  // the next one has to cope
        const ended next = run({command});
        EXPECT_EQ(next.code, command == "down" ? 0 : 3) << next.errors;
        EXPECT_THAT(next.output + next.errors, HasSubstr("killed"));
        EXPECT_FALSE(has_left_something());
    }
    EXPECT_EQ(run({"down"}).code, 3) << "now there is none";
}

TEST_F(own_cluster, a_second_one_of_the_name_is_refused_with_what_to_do) {
    const up_process up(sheaf({"up", "--workers", "1", served()}));
    const ended second = run({"up", "--workers", "1", served()});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.errors, HasSubstr("is up already"));
    EXPECT_THAT(second.errors, HasSubstr("sheaf down"));
    up_process other(sheaf({"up", "--name", "other", "--workers", "1", served()}));
    EXPECT_THAT(other.said(), HasSubstr("sheaf run --name other"));
    EXPECT_EQ(run({"down", "--name", "other"}).code, 0);
    EXPECT_EQ(run({"status"}).code, 0) << "the first is still there";
}

TEST_F(own_cluster, detached_goes_on_by_itself_and_writes_a_log) {
    const ended up = run({"up", "--detach", "--workers", "2", served()});
    EXPECT_EQ(up.code, 0) << up.errors;
    EXPECT_THAT(up.output, HasSubstr("  log      " + (directory() / "log").string() + "\n"));
    EXPECT_EQ(run({"run", served(), "abc"}).output, "cba\n");
    EXPECT_EQ(run({"down"}).code, 0);
    EXPECT_FALSE(std::filesystem::exists(directory() / "s"));
    EXPECT_TRUE(std::filesystem::exists(directory() / "log"));
}

TEST_F(own_cluster, of_a_program_that_is_no_worker_is_an_error_that_says_so) {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"up", "--workers", "1", "true"}, {"up", "--detach", "--workers", "1", "true"}}) {
        const ended up = run(arguments);
        EXPECT_EQ(up.code, 1);
        EXPECT_THAT(up.errors, HasSubstr("5 times in a row; the last one exited with status 0"));
        const auto where = HasSubstr("what the program had to say is in " + (directory() / "log").string());
        EXPECT_EQ(::testing::Matches(where)(up.errors), arguments[1] == "--detach") << up.errors;
        EXPECT_FALSE(std::filesystem::exists(directory() / "state"));
    }
    std::ofstream(home_ / "odd") << "#!/no/such/interpreter\n";
    std::ofstream(home_ / "wrapper") << "#!/bin/sh\n" << served() << "; exit 1\n";
    for (const char* script : {"odd", "wrapper"}) ::chmod((home_ / script).c_str(), 0700);
    EXPECT_THAT(run({"up", "--workers", "1", (home_ / "odd").string()}).errors,
                HasSubstr("cannot start " + (home_ / "odd").string()));
    EXPECT_THAT(run({"up", "--workers", "1", (home_ / "wrapper").string()}).errors, HasSubstr("by `exec`"));
    const ended missing = run({"up", "/no/such/program"});
    EXPECT_EQ(missing.code, 1);
    EXPECT_THAT(missing.errors, HasSubstr("/no/such/program is not there"));
}

TEST_F(own_cluster, is_scaled_up_and_down) {
    const up_process up(sheaf({"up", "--workers", "1", served()}));
    for (const std::uint64_t workers : {3U, 1U}) {
        const ended scale = run({"scale", std::to_string(workers)});
        EXPECT_EQ(scale.code, 0) << scale.errors;
        EXPECT_EQ(offered("up.reverse"), workers);
        EXPECT_THAT(run({"status", "--json"}).output,
                    HasSubstr("\"workers\":" + std::to_string(workers) + "},\"degraded\":false"));
    }
    const ended refused = run({"scale", "4000"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.errors, HasSubstr("1 to 64 workers"));
}

/// Hears that a handler has begun, and how the job ended.
class job_watch : public runtime::job_listener {
  public:
    void on_warning(std::uint64_t, const shared_bytes&) override { begun.set_value(); }
    void on_end(std::uint64_t, runtime::job_end end) override { result.set_value(std::string(end.data.view())); }

    std::promise<void> begun;
    std::promise<std::string> result;
};

TEST_F(own_cluster, scaling_down_lets_running_handlers_finish) {
    const up_process up(sheaf({"up", "--workers", "2", served()}));
    runtime::client client({.servers = {*parse_endpoint(address())}});
    const std::vector<std::string> pipes{(home_ / "a").string(), (home_ / "b").string()};
    std::vector<std::shared_ptr<job_watch>> jobs;
    for (const std::string& pipe : pipes) {
        ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        jobs.push_back(std::make_shared<job_watch>());
        client.submit({.function = "up.read", .payload = shared_bytes(pipe)}, jobs.back());
        ASSERT_EQ(jobs.back()->begun.get_future().wait_for(patience), std::future_status::ready);
    }
    EXPECT_EQ(run({"scale", "1", "--timeout", "0"}).code, 4) << "one of the handlers holds it up";
    for (const std::string& pipe : pipes) std::ofstream(pipe) << "done\n";
    for (const auto& job : jobs) {
        auto result = job->result.get_future();
        ASSERT_EQ(result.wait_for(patience), std::future_status::ready);
        EXPECT_EQ(result.get(), "done");
    }
    EXPECT_EQ(run({"scale", "1"}).code, 0);
    EXPECT_EQ(offered("up.read"), 1U);
}

TEST_F(own_cluster, status_tells_well_from_degraded) {
    const up_process up(sheaf({"up", "--workers", "2", served()}));
    const ended well = run({"status"});
    EXPECT_EQ(well.code, 0) << well.errors;
    EXPECT_THAT(well.output, StartsWith("cluster default: 2 workers of " + served() + ", process "));
    EXPECT_THAT(well.output, ContainsRegex("up\\.reverse +0 +0 +2\n"));

    runtime::client client({.servers = {*parse_endpoint(address())}});
    ASSERT_EQ(client.run({.function = "up.\x1b[2J", .background = true}).how, runtime::job_end::kind::complete);
    const ended degraded = run({"status"});
    EXPECT_EQ(degraded.code, 1);
    EXPECT_THAT(degraded.output, ContainsRegex("up\\..*\\[2J +1 +0 +0  nobody offers it\n"));
    EXPECT_THAT(degraded.output, Not(HasSubstr("\x1b")));
    EXPECT_EQ(run({"status", "--server", address()}).code, 1) << "by its address, too";
}

TEST_F(own_cluster, output_that_cannot_be_written_is_a_failure) {
    const up_process up(sheaf({"up", "--workers", "1", served()}));
    const std::string line = "exec " + program("sheaf") + " status --json > /dev/full";
    process full(command{{"/bin/sh", "-c", line}, {"XDG_STATE_HOME=" + home_.path().string(), "SHEAF_SERVER="}});
    EXPECT_EQ(full.wait(), 1);
    EXPECT_THAT(full.error_output(), HasSubstr("standard output cannot be written"));
}

TEST_F(own_cluster, run_warns_when_the_workers_have_another_program) {
    const up_process up(sheaf({"up", "--workers", "1", served()}));
    const ended driver = run({"run", "true"});
    EXPECT_EQ(driver.code, 0);
    EXPECT_THAT(driver.errors, HasSubstr("the workers run " + served() + ", not "));
}

TEST_F(own_cluster, run_warns_when_the_program_has_been_built_anew) {
    const std::string copy = (home_ / "program").string();
    std::filesystem::copy_file(served(), copy);
    const up_process up(sheaf({"up", "--workers", "1", copy}));
    std::filesystem::copy_file(served(), copy + ".new");
    std::filesystem::rename(copy + ".new", copy);
    const ended driver = run({"run", copy, "abc"});
    EXPECT_EQ(driver.output, "cba\n");
    EXPECT_THAT(driver.errors, HasSubstr("it has changed since `sheaf up`"));
}

TEST_F(own_cluster, commands_without_one_say_how_to_start_it) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"run", "true"},
                                                      {"scale", "2"},
                                                      {"status"},
                                                      {"worker", served()},
                                                      {"worker", "--name", "default", served()}}) {
        const ended how = run(arguments);
        EXPECT_EQ(how.code, 3) << arguments.front();
        EXPECT_THAT(how.errors, HasSubstr("no cluster \"default\" is up; start it with: sheaf up PROGRAM"));
    }
}

TEST_F(own_cluster, that_is_just_starting_is_none_yet) {
    std::filesystem::create_directories(directory());
    const unique_fd lock(::open((directory() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock owned {};
    owned.l_type = F_WRLCK;
    owned.l_whence = SEEK_SET;
    owned.l_len = 1;
    ASSERT_EQ(::fcntl(lock.get(), F_OFD_SETLK, &owned), 0);
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"down"}, {"scale", "2"}, {"status"}}) {
        const ended how = run(arguments);
        EXPECT_EQ(how.code, 3) << arguments.front();
        EXPECT_THAT(how.errors, HasSubstr("is just starting, or ending; try again")) << arguments.front();
    }
}

TEST_F(own_cluster, is_joined_by_more_workers_by_its_name) {
    const up_process up(sheaf({"up", "--workers", "1", served()}));
    process more(sheaf({"worker", "--name", "default", "--workers", "1", program("examples/reverse")}));
    EXPECT_THAT(more.read_line().value_or(""), StartsWith("sheaf worker ready: 1 process"));
    runtime::client client({.servers = {*parse_endpoint(address())}});
    const auto end = client.run({.function = "reverse",
                                 .payload = shared_bytes("abc"),
                                 .deadline = std::chrono::steady_clock::now() + patience});
    EXPECT_EQ(end.data.view(), "cba");
}

TEST_F(own_cluster, listens_on_the_network_when_it_is_told_to) {
    const up_process up(sheaf({"up", "--workers", "1", "--listen", "127.0.0.1:0", served()}));
    const std::string marker = "  server   127.0.0.1:";
    const auto at = up.said().find(marker);
    ASSERT_NE(at, std::string::npos) << up.said();
    const std::string port = up.said().substr(at + marker.size(), up.said().find('\n', at) - at - marker.size());
    EXPECT_EQ(server_status("127.0.0.1:" + port, patience).front().function("up.reverse").workers, 1U);
}

TEST_F(own_cluster, names_that_are_none_and_wrong_options_are_wrong_usage) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"up"},
                                                      {"up", "--name", "../x", "true"},
                                                      {"run", "--name", "", "true"},
                                                      {"down", "--name", "a/b"},
                                                      {"scale"},
                                                      {"scale", "0"},
                                                      {"up", "--listen", "a:b:c", "true"},
                                                      {"status", "--name", "a", "--server", "b"}}) {
        EXPECT_EQ(run(arguments).code, 2) << arguments.front();
    }
}

}  // namespace
}  // namespace sheaf::test
