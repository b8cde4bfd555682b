// Jobs by HTTP through the real sheafd, with curl and with those who do it wrong.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "support/eventually.hpp"
#include "support/sheafd_process.hpp"

namespace sheaf::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct http_submission : testing::Test {
    sheafd_process server{{"--protocol=http", "--http-port=0", "--payload-max=1"}};
    raw_peer worker{server.where()};

    http_submission() {
        worker.send<packet_type::can_do>("reverse");
        round_trip::synchronize(worker);
    }
    // The next job, which has come by HTTP.
    owned_packet grab() {
        worker.send<packet_type::pre_sleep>();
        (void)worker.expect(packet_type::noop);
        worker.send<packet_type::grab_job_uniq>();
        return worker.expect(packet_type::job_assign_uniq);
    }
    // Up to the end of the head.
    static std::string head(raw_peer& peer) {
        std::string all;
        for (std::string line = peer.receive_line(); line != "\r"; line = peer.receive_line()) all += line + "\n";
        return all;
    }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(server.http().port) + path;
    }
};

const std::string head_start = "POST /reverse HTTP/1.1\r\nHost: x\r\n";

TEST_F(http_submission, a_client_of_http_and_a_worker_of_gearman_do_a_job) {
    process curl({"curl", "-sS", "-i", "--data-binary", "abc", "-H", "X-Gearman-Unique: key", url("/reverse")});
    const owned_packet job = grab();
    EXPECT_EQ(job.arguments.at(1), "reverse");
    EXPECT_EQ(job.arguments.at(2), "key");
    EXPECT_EQ(job.data, "abc");
    worker.send<packet_type::work_complete>(job.arguments.at(0), "cba");
    EXPECT_THAT(curl.read_all(),
                AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("X-Gearman-Job-Handle: " + job.arguments.at(0)),
                      HasSubstr("\r\n\r\ncba")));
    EXPECT_EQ(curl.wait(), 0);
}

TEST_F(http_submission, data_reaches_the_client_while_the_job_runs_and_a_failure_is_one_for_it) {
    process curl({"curl", "-sS", "-N", "-X", "POST", url("/reverse")});
    const owned_packet job = grab();
    const std::string handle = job.arguments.at(0);
    worker.send<packet_type::work_data>(handle, "first\n");
    EXPECT_EQ(curl.read_line(), "first");
    worker.send<packet_type::work_fail>(handle);
    constexpr int transfer_closed = 18;
    EXPECT_EQ(curl.wait(), transfer_closed) << curl.error_output();
}

TEST_F(http_submission, an_exception_is_the_body_of_an_error) {
    process curl({"curl", "-sS", "-f", "--write-out", "%{http_code}", "-d", "x", url("/reverse")});
    const owned_packet job = grab();
    worker.send<packet_type::work_exception>(job.arguments.at(0), "no such file");
    EXPECT_THAT(curl.read_all(), HasSubstr("500"));
    EXPECT_NE(curl.wait(), 0);
}

TEST_F(http_submission, one_connection_serves_many_requests_with_bodies_of_every_size) {
    raw_peer client(server.http());
    for (const std::size_t size : {0U, 1U, 40'000U, 1'000'000U}) {
        const std::string body(size, 'x');
        client.send(head_start + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body);
        const owned_packet job = grab();
        EXPECT_EQ(job.data.size(), size);
        worker.send<packet_type::work_complete>(job.arguments.at(0), job.data + "\n");
        EXPECT_THAT(head(client), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("keep-alive")));
        EXPECT_EQ(client.receive_line(), body);
    }
}

TEST_F(http_submission, a_client_that_goes_takes_its_job_along) {
    {
        raw_peer client(server.http());
        client.send(head_start + "Content-Length: 0\r\n\r\n");
        worker.send<packet_type::pre_sleep>();
        (void)worker.expect(packet_type::noop);
    }
    raw_peer admin(server.where());
    const auto no_job_is_left = [&] {
        admin.send("show jobs\n");
        return admin.receive_list().empty();
    };
    EXPECT_TRUE(eventually(no_job_is_left));
    worker.send<packet_type::grab_job>();
    (void)worker.expect(packet_type::no_job);
}

TEST_F(http_submission, is_an_ordinary_client_to_the_broker) {
    raw_peer client(server.http());
    client.send(head_start + "Content-Length: 0\r\n\r\n");
    const owned_packet job = grab();
    raw_peer admin(server.where());
    admin.send("status\n");
    EXPECT_EQ(admin.receive_list().at(0), "reverse\t1\t1\t1");
    admin.send("cancel job " + job.arguments.at(0) + "\n");
    EXPECT_THAT(head(client), StartsWith("HTTP/1.1 500"));
}

TEST_F(http_submission, hostile_requests_cost_nobody_else_anything) {
    const std::string attacks[] = {
        "POST /reverse HTTP/1.1\r\n" + std::string(200'000, 'a'),
        head_start + "Content-Length: 4000000000\r\n\r\n",
        head_start + "Content-Length: 1048000\r\n\r\nonly this",  // claimed, and never sent
        head_start + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\n\r\n",
        head_start + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        std::string("\0REQ\0\0\0\x10\0\0\0\0", 12) + "\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
    };
    round_trip others(server.where(), "others");
    others.run();
    const long before = server.resident_kib();
    std::vector<raw_peer> peers;
    for (int i = 0; i < 40; ++i) {
        for (const std::string& bytes : attacks) {
            peers.emplace_back(server.http());
            (void)peers.back().try_send(bytes);
        }
        others.run();
    }
    constexpr long growth_max_kib = 16 * 1024;
    EXPECT_LT(server.resident_kib() - before, growth_max_kib);
    for (raw_peer& peer : peers) peer.shutdown_write();
    for (raw_peer& peer : peers) EXPECT_TRUE(peer.wait_closed());
    others.run();
    raw_peer admin(server.where());
    admin.send("show jobs\n");
    EXPECT_TRUE(admin.receive_list().empty()) << "nothing of it became a job";
}

TEST_F(http_submission, ends_with_the_server) {
    raw_peer idle(server.http());
    raw_peer waiting(server.http());
    waiting.send(head_start + "Content-Length: 0\r\n\r\n");
    const owned_packet job = grab();
    server.child().send_signal(SIGTERM);
    worker.send<packet_type::work_complete>(job.arguments.at(0), "done");
    EXPECT_THAT(head(waiting), StartsWith("HTTP/1.1 200"));
    EXPECT_TRUE(idle.wait_closed());
    EXPECT_EQ(server.child().wait(), 0);
}

}  // namespace
}  // namespace sheaf::test
