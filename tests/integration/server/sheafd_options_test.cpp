// The options of gearmand that are about sheafd as a process, its signals, and the ways to end it.
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/eventually.hpp"
#include "support/scratch_directory.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

class sheafd_options : public ::testing::Test {
  protected:
    [[nodiscard]] std::string path(const std::string& name) const { return (scratch_ / name).string(); }

    scratch_directory scratch_;
};

TEST_F(sheafd_options, the_command_lines_of_other_people_s_suites_are_taken) {
    sheafd_process server({"--verbose=INFO", "--log-file=", "--pid-file=", "--listen=localhost",
                           "--hashtable-buckets=7", "-t", "4", "-R", "--keepalive", "--keepalive-idle", "-1",
                           "--keepalive-interval=30", "--keepalive-count=3", "--queue-type=builtin",
                           "--file-descriptors=256", "--coredump", "--config-file="});
    round_trip(server.where()).run();
    const std::string log = server.child().error_output();
    EXPECT_NE(log.find("--hashtable-buckets has no effect"), std::string::npos) << log;
    EXPECT_NE(log.find("--threads has no effect"), std::string::npos) << log;
}

TEST_F(sheafd_options, the_user_that_it_runs_as_may_be_named_and_nobody_else_but_by_root) {
    const bool is_root = ::geteuid() == 0;
    if (is_root) {
        sheafd_process server({"-u", "root"});
        round_trip(server.where()).run();
        sheafd_process humble({"--user=nobody"});
        round_trip(humble.where()).run();
        EXPECT_NE(read_file("/proc/" + std::to_string(humble.child().pid()) + "/status").find("Uid:\t65534\t65534"),
                  std::string::npos);
    }
    process stranger({program("sheafd"), "--port=0", "--user=no-such-user"});
    EXPECT_EQ(stranger.wait(), 1);
    EXPECT_NE(stranger.error_output().find("no-such-user"), std::string::npos) << stranger.error_output();
}

TEST_F(sheafd_options, arguments_can_be_checked_without_serving) {
    process good({program("sheafd"), "--check-args", "--port=1"});
    EXPECT_EQ(good.wait(), 0);
    EXPECT_EQ(good.read_all(), "");
    process bad({program("sheafd"), "--check-args", "--port=much"});
    EXPECT_EQ(bad.wait(), 1);
    for (const auto& [option, word] : {std::pair("--job-handle-prefix", "a prefix that is much too long for a handle"),
                                       std::pair("--queue-memory", "-1"), std::pair("--dead-letters", "-1"),
                                       std::pair("--queue-type", "libsqlite3")}) {
        process refused({program("sheafd"), "--check-args", option, word});
        EXPECT_EQ(refused.wait(), 1) << option;
    }
    process other_queue({program("sheafd"), "-q", "libsqlite3"});
    EXPECT_EQ(other_queue.wait(), 1);
    EXPECT_NE(other_queue.error_output().find("sheaf queue import FILE"), std::string::npos)
        << other_queue.error_output();
}

// SQLite's locks go when its process closes the file by another descriptor.
TEST_F(sheafd_options, a_user_is_given_the_queue_and_nothing_else_of_its_directory) {
    if (::geteuid() != 0) return;
    const auto owner_of = [&](const std::string& name) {
        struct stat about {};
        EXPECT_EQ(::lstat(path(name).c_str(), &about), 0) << name;
        return about.st_uid;
    };
    constexpr uid_t nobody = 65534;
    ASSERT_EQ(::chmod(scratch_.path().c_str(), 0755), 0);
    {
        sheafd_process server({"--user=nobody", "--data-dir", path("new")});
        EXPECT_EQ(owner_of("new"), nobody) << "it was made for the queue";
        EXPECT_EQ(owner_of("new/jobs.sqlite"), nobody);
        EXPECT_EQ(owner_of("new/jobs.sqlite-wal"), nobody);
        process second({program("sheafd"), "--port=0", "--data-dir", path("new")});
        EXPECT_EQ(second.wait(), 1);
        EXPECT_NE(second.error_output().find("another server has it open"), std::string::npos);
    }
    std::filesystem::create_directories(path("mixed/backups/deep"));
    for (const char* const name : {"mixed/letter", "mixed/backups/monday.sqlite", "mixed/backups/letter"}) {
        std::ofstream(path(name)) << "text";
    }
    std::filesystem::create_symlink(path("mixed/letter"), path("mixed/backups/link.sqlite"));
    std::filesystem::create_hard_link(path("mixed/letter"), path("mixed/backups/twice.sqlite"));
    process refused({program("sheafd"), "--port=0", "--user=nobody", "--data-dir", path("mixed")});
    EXPECT_EQ(refused.wait(), 1);
    const std::string why = refused.error_output();
    EXPECT_NE(why.find("the user nobody may not make files in " + path("mixed")), std::string::npos) << why;
    EXPECT_FALSE(std::filesystem::exists(path("mixed/jobs.sqlite")));
    ASSERT_EQ(::chmod(path("mixed").c_str(), 0777), 0);
    const sheafd_process server({"--user=nobody", "--data-dir", path("mixed")});
    for (const char* const name : {"jobs.sqlite", "backups", "backups/monday.sqlite"}) {
        EXPECT_EQ(owner_of(std::string("mixed/") + name), nobody) << name;
    }
    for (const char* const name : {"", "letter", "backups/letter", "backups/deep", "backups/link.sqlite"}) {
        EXPECT_EQ(owner_of(std::string("mixed/") + name), 0U) << name;
    }
}

TEST_F(sheafd_options, that_keep_no_jobs_where_somebody_may_believe_it_are_warned_about) {
    std::string usual;
    const auto said = [&](std::vector<std::string> words, const char* home) {
        const std::string port = sheafd_process().port();  // which nobody has any more
        words.insert(words.begin(), {"--port", port});
        usual = "/var/lib/sheafd/" + port;
        sheafd_process server(std::move(words), {std::string("HOME=") + home, "XDG_STATE_HOME="});
        server.child().send_signal(SIGTERM);
        EXPECT_EQ(server.child().wait(), 0);
        return server.child().error_output();
    };
    const std::string both = said({"--durability", "none", "--data-dir", path("data")}, path("home").c_str());
    EXPECT_NE(both.find("warning sheafd: --data-dir " + path("data") + " has no effect"), std::string::npos) << both;
    EXPECT_FALSE(std::filesystem::exists(path("data")));
    if (::geteuid() == 0) {
        const std::string of_service = said({"--user", "nobody"}, path("home").c_str());
        EXPECT_NE(of_service.find("background jobs are in " + usual), std::string::npos) << of_service;
        std::filesystem::remove_all(usual);
    } else {
        const std::string homeless = said({}, "");
        EXPECT_NE(homeless.find("Name a directory with --data-dir"), std::string::npos) << homeless;
    }
}

TEST_F(sheafd_options, a_home_in_which_no_queue_can_be_made_is_answered_with_what_to_do) {
    const std::string port = sheafd_process().port();  // which nobody has any more
    process server(command{{program("sheafd"), "--port", port}, {"HOME=/proc/none", "XDG_STATE_HOME="}});
    EXPECT_EQ(server.wait(), 1);
    const std::string said = server.error_output();
    EXPECT_NE(said.find("/proc/none/.local/state/sheafd/" + port), std::string::npos) << said;
    EXPECT_NE(said.find("--data-dir, or have jobs in memory with --durability none."), std::string::npos) << said;
}

TEST_F(sheafd_options, a_configuration_file_counts_unless_the_command_line_says_otherwise) {
    std::ofstream(path("conf")) << "# jobs\n--job-retries=0\n--log-file '" << path("the log") << "' --exceptions\n"
                                << "--verbose=ERROR\n";
    sheafd_process server({"--config-file", path("conf"), "--verbose=NOTICE"});
    raw_peer admin(server.where());
    admin.send("verbose\n");
    EXPECT_EQ(admin.receive_line(), "OK NOTICE");
    round_trip peers(server.where());
    const std::string handle = peers.begin("fatal");
    peers.worker().close();
    EXPECT_EQ(peers.client().expect(packet_type::work_fail).arguments.at(0), handle);
    EXPECT_TRUE(std::filesystem::exists(path("the log")));
    process lost({program("sheafd"), "--config-file", path("nowhere")});
    EXPECT_EQ(lost.wait(), 1);
    EXPECT_NE(lost.error_output().find(path("nowhere")), std::string::npos) << lost.error_output();
}

TEST_F(sheafd_options, sighup_opens_the_log_again) {
    sheafd_process server({"--log-file", path("log"), "--verbose=DEBUG"});
    EXPECT_EQ(server.child().error_output(), "");
    std::filesystem::rename(path("log"), path("old"));
    server.child().send_signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(path("log")); }));
    raw_peer(server.where()).close();
    EXPECT_TRUE(eventually([&] { return read_file(path("log")).find("connection") != std::string::npos; }));
}

TEST_F(sheafd_options, a_daemon_has_gone_to_the_background_when_the_command_returns) {
    process starter({program("sheafd"), "--port=0", "--daemon", "--pid-file", path("pid"), "--listen",
                     "unix:" + path("socket"), "--log-file", path("log")});
    EXPECT_EQ(starter.wait(), 0) << starter.error_output();
    const auto pid = static_cast<pid_t>(std::stol(read_file(path("pid"))));
    EXPECT_NE(pid, starter.pid());
    round_trip({"", 0, path("socket")}).run();
    EXPECT_EQ(::kill(pid, SIGTERM), 0);
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(path("pid")); }));
}

TEST_F(sheafd_options, a_daemon_that_cannot_serve_says_so_before_the_command_returns) {
    process starter({program("sheafd"), "--daemon", "--listen", "unix:/nowhere/at/all"});
    EXPECT_EQ(starter.wait(), 1);
    EXPECT_NE(starter.error_output().find("/nowhere/at/all"), std::string::npos) << starter.error_output();
}

TEST_F(sheafd_options, sigusr1_and_shutdown_graceful_let_the_running_job_end) {
    for (const bool by_signal : {true, false}) {
        sheafd_process server({"--listen", "unix:" + path("s")});
        round_trip peers(server.where());
        const std::string handle = peers.begin("work");
        if (by_signal) {
            server.child().send_signal(SIGUSR1);
        } else {
            raw_peer boss(server.where());
            boss.send("shutdown graceful\n");
            EXPECT_EQ(boss.receive_line(), "OK\r");
        }
        peers.end(handle, "done");
        EXPECT_EQ(server.child().wait(), 0) << server.child().error_output();
    }
}

TEST_F(sheafd_options, shutdown_is_for_those_on_the_unix_socket_or_for_all_when_allowed) {
    sheafd_process closed;
    raw_peer stranger(closed.where());
    stranger.send("shutdown\n");
    EXPECT_EQ(stranger.receive_line(), "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r");
    sheafd_process open({"--allow-shutdown"});
    raw_peer boss(open.where());
    boss.send("shutdown\n");
    EXPECT_EQ(boss.receive_line(), "OK\r");
    EXPECT_EQ(open.child().wait(), 0);
}

TEST_F(sheafd_options, time_outs_count_milliseconds_or_seconds) {
    sheafd_process server({"--timeout-unit=s"});
    round_trip peers(server.where(), "slow");
    peers.worker().send<packet_type::can_do_timeout>("slow", "1");
    const std::string handle = peers.begin("work");
    EXPECT_EQ(peers.client().expect(packet_type::work_fail).arguments.at(0), handle);
}

}  // namespace
}  // namespace sheaf::test
