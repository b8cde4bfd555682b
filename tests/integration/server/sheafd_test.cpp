// sheafd as a program: its one line of output, its options, and how it ends.
#include <filesystem>
#include <signal.h>
#include <string>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "sheaf/runtime/endpoint.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

TEST(sheafd, sigterm_lets_the_running_job_end_and_exits_with_success) {
    for (const int number : {SIGTERM, SIGINT}) {
        sheafd_process server;
        round_trip peers(server.where());
        const std::string handle = peers.begin("work");
        server.child().send_signal(number);
        peers.end(handle, "done");
        EXPECT_EQ(server.child().wait(), 0) << server.child().error_output();
        EXPECT_EQ(server.child().read_all(), "") << "one line is printed and no more";
    }
}

TEST(sheafd, a_second_signal_ends_it_although_a_job_runs) {
    sheafd_process server;
    round_trip peers(server.where());
    (void)peers.begin("never ends");
    server.child().send_signal(SIGTERM);
    for (owned_packet answer{packet_type::job_created, {}, {}}; answer.type != packet_type::error;) {
        peers.client().send<packet_type::submit_job_bg>("unknown", "", "x");
        answer = peers.client().receive();
    }
    server.child().send_signal(SIGTERM);
    EXPECT_EQ(server.child().wait(), 0) << server.child().error_output();
}

TEST(sheafd, listens_on_several_addresses) {
    const std::string path = std::filesystem::temp_directory_path() / ("sheafd-test-" + std::to_string(::getpid()));
    sheafd_process server({"--listen", "127.0.0.1", "--listen", "unix:" + path, "--listen", "[::1]:0"});
    ASSERT_EQ(server.endpoints().size(), 3U);
    for (const endpoint& where : server.endpoints()) {
        SCOPED_TRACE(to_string(where));
        round_trip(where).run();
    }
    server.child().send_signal(SIGTERM);
    EXPECT_EQ(server.child().wait(), 0);
    EXPECT_FALSE(std::filesystem::exists(path)) << "the socket's file stays behind";
}

TEST(sheafd, a_port_in_use_is_an_error_that_says_so) {
    const sheafd_process server;
    process second({program("sheafd"), "--port", server.port()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_NE(second.error_output().find(to_string(server.where())), std::string::npos) << second.error_output();
    EXPECT_TRUE(second.error_output().ends_with(".\n"))
        << "a sentence, and no code behind it: " << second.error_output();
    EXPECT_EQ(second.read_all(), "");
}

TEST(sheafd, a_nonsensical_option_is_refused_before_anything_is_served) {
    for (const std::string argument : {"--listen=1:2:3", "--verbose=shout", "--job-retries=-2", "--no-such-option"}) {
        process child({program("sheafd"), "--port=0", argument});
        EXPECT_EQ(child.wait(), 1) << argument;
        EXPECT_NE(child.error_output().find("--help"), std::string::npos) << child.error_output();
    }
}

TEST(sheafd, takes_the_command_line_of_gearmand) {
    sheafd_process server({"--threads=4", "--round-robin", "--backlog=32", "--verbose=INFO", "-j", "3", "-w", "0"});
    round_trip(server.where()).run();
}

TEST(sheafd, job_retries_limit_how_often_a_job_loses_its_worker) {
    sheafd_process server({"--job-retries=0"});
    round_trip peers(server.where());
    const std::string handle = peers.begin("fatal");
    peers.worker().close();
    EXPECT_EQ(peers.client().expect(packet_type::work_fail).arguments.at(0), handle);
}

TEST(sheafd, exceptions_are_for_everyone_only_when_asked_for) {
    for (const bool asked : {false, true}) {
        sheafd_process server(asked ? std::vector<std::string>{"--exceptions"} : std::vector<std::string>{});
        round_trip peers(server.where());
        const std::string handle = peers.begin("throws");
        peers.worker().send<packet_type::work_exception>(handle, "because");
        (void)peers.client().expect(asked ? packet_type::work_exception : packet_type::work_fail);
    }
}

TEST(sheafd, the_version_and_the_process_id_are_told) {
    sheafd_process server;
    process version({program("sheafd"), "--version"});
    const std::string text = version.read_line().value_or("");
    ASSERT_TRUE(text.starts_with("sheafd "));
    raw_peer admin(server.where());
    admin.send("version\ngetpid\n");
    EXPECT_EQ(admin.receive_line(), "OK " + text.substr(7));
    EXPECT_EQ(admin.receive_line(), "OK " + std::to_string(server.child().pid()));
}

}  // namespace
}  // namespace sheaf::test
