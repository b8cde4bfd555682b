// The tools that come with gearmand, against sheafd.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

class gearman_tools : public ::testing::Test {
  protected:
    [[nodiscard]] process gearman(std::vector<std::string> arguments) { return tool("gearman", std::move(arguments)); }

    std::string gearadmin(std::vector<std::string> arguments) {
        process child = tool("gearadmin", std::move(arguments));
        std::string output = child.read_all();
        EXPECT_EQ(child.wait(), 0) << child.error_output();
        return output;
    }

    sheafd_process server_;

  private:
    process tool(const std::string& name, std::vector<std::string> arguments) {
        const std::vector<std::string> start{name, "-h", "127.0.0.1", "-p", server_.port()};
        arguments.insert(arguments.begin(), start.begin(), start.end());
        return process(std::move(arguments));
    }
};

TEST_F(gearman_tools, a_worker_command_answers_a_client) {
    process worker = gearman({"-w", "-c", "2", "-f", "up", "--", "tr", "a-z", "A-Z"});
    for (int i = 0; i < 2; ++i) {
        process client = gearman({"-f", "up", "hello"});
        EXPECT_EQ(client.read_all(), "HELLO");
        EXPECT_EQ(client.wait(), 0) << client.error_output();
    }
    EXPECT_EQ(worker.wait(), 0) << worker.error_output();
}

TEST_F(gearman_tools, a_large_payload_goes_through_both_ways) {
    std::string large(256 << 10, 'x');
    large.back() = '\n';
    // Not more, for the tools read byte by byte; and not cat, for the payload is written before the answer is read.
    process worker = gearman({"-w", "-c", "1", "-f", "turn", "--", "tac"});
    process client = gearman({"-f", "turn"});
    client.write(large);
    client.close_input();
    EXPECT_EQ(client.read_all(), large);
}

TEST_F(gearman_tools, background_jobs_are_handed_out_by_priority) {
    for (const std::string priority : {"-L", "", "-I"}) {
        std::vector<std::string> arguments{"-b", "-f", "later", "job" + priority};
        if (!priority.empty()) arguments.insert(arguments.begin(), priority);
        process client = gearman(arguments);
        EXPECT_EQ(client.wait(), 0) << client.error_output();
    }
    EXPECT_EQ(gearadmin({"--status"}), "later\t3\t0\t0\n.\n");
    EXPECT_EQ(gearadmin({"--priority-status"}), "later\t1\t1\t1\t0\n.\n");

    raw_peer worker(server_.where());
    worker.send<packet_type::can_do>("later");
    for (const std::string payload : {"job-I", "job", "job-L"}) {
        worker.send<packet_type::grab_job>();
        const owned_packet job = worker.expect(packet_type::job_assign);
        EXPECT_EQ(job.data, payload);
        worker.send<packet_type::work_complete>(job.arguments.at(0), "");
    }
    worker.send<packet_type::grab_job>();
    (void)worker.expect(packet_type::no_job);
}

TEST_F(gearman_tools, gearadmin_shows_and_cancels_jobs) {
    round_trip peers(server_.where(), "up");
    peers.client().send<packet_type::submit_job>("up", "key", "x");
    const std::string handle = peers.client().expect(packet_type::job_created).arguments.at(0);

    EXPECT_EQ(gearadmin({"--status"}), "up\t1\t0\t1\n.\n");
    EXPECT_EQ(gearadmin({"--show-unique-jobs"}), "key\n.\n");
    EXPECT_NE(gearadmin({"--show-jobs"}).find(handle), std::string::npos);
    EXPECT_NE(gearadmin({"--workers"}).find(" : up\n"), std::string::npos);
    EXPECT_NE(gearadmin({"--getpid"}).find(std::to_string(server_.child().pid())), std::string::npos);
    (void)gearadmin({"--cancel-job", handle});
    EXPECT_EQ(peers.client().expect(packet_type::work_fail).arguments.at(0), handle);
}

TEST_F(gearman_tools, a_failing_worker_command_fails_the_client) {
    process worker = gearman({"-w", "-c", "1", "-f", "fail", "--", "false"});
    process client = gearman({"-f", "fail", "x"});
    EXPECT_NE(client.wait().value_or(0), 0);
}

}  // namespace
}  // namespace sheaf::test
