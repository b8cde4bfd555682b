// TLS between our server, our client and our worker, and with those who do it wrong.
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/server/round_trip.hpp"
#include "integration/server/tls_peer.hpp"
#include "integration/server/tls_refusal.hpp"
#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/server.hpp"
#include "sheaf/runtime/worker.hpp"
#include "support/certificates.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using runtime::job_answer;
using runtime::job_end;
using testing::AllOf;
using testing::HasSubstr;

const endpoint any_secure_port{"127.0.0.1", 0, {}, true};
const endpoint any_plain_port{"127.0.0.1", 0, {}, false};

struct tls : testing::Test {
    tls() : keys(ours.sign({.name = "server", .addresses = "IP:127.0.0.1,DNS:localhost"})) {}

    void serve(std::chrono::milliseconds handshake_timeout = patience) {
        keys.handshake_timeout = handshake_timeout;
        running.emplace(runtime::server_options{.listen = {any_secure_port, any_plain_port}, .tls = keys});
        running->start();
    }
    [[nodiscard]] endpoint secure() const { return running->endpoints()[0]; }
    [[nodiscard]] endpoint plain() const { return running->endpoints()[1]; }

    scratch_directory place;
    authority ours{place.path(), "ours"};
    authority others{place.path(), "others"};
    runtime::tls_options keys;
    std::optional<runtime::server> running;
};

TEST_F(tls, client_and_worker_do_jobs_of_every_size) {
    serve();
    runtime::worker worker({.servers = {secure()}, .tls = ours.sign({.name = "worker"})});
    worker.offer("reverse", [](runtime::assignment& job) {
        const std::string_view text = job.payload().view();
        return job_answer::complete(shared_bytes(std::string(text.rbegin(), text.rend())));
    });
    std::jthread working([&] { worker.run(); });
    {
        runtime::client client({.servers = {secure()}, .tls = ours.sign({.name = "client"})});
        for (const std::size_t size : {0U, 1U, 16'384U, 16'385U, 3U << 20}) {
            std::string text(size, 'x');
            for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * i / 7);
            const job_end end = client.run({.function = "reverse",
                                            .payload = shared_bytes(text),
                                            .deadline = std::chrono::steady_clock::now() + patience});
            ASSERT_EQ(end.how, job_end::kind::complete) << end.why.message;
            EXPECT_TRUE(end.data.view() == std::string(text.rbegin(), text.rend())) << size << " bytes";
        }
    }
    worker.stop();
}

TEST_F(tls, client_finds_its_keys_in_the_environment_of_gearman) {
    serve();
    const auto mine = ours.sign({.name = "client"});
    ::setenv("GEARMAND_CA_CERTIFICATE", mine.ca_file.c_str(), 1);
    ::setenv("GEARMAN_CLIENT_PEM", mine.certificate_file.c_str(), 1);
    ::setenv("GEARMAN_CLIENT_KEY", mine.key_file.c_str(), 1);
    auto where = secure();
    where.host = "localhost";
    runtime::client client({.servers = {*parse_endpoint(to_string(where))}});
    const auto answer = client.echo("are you there?", patience);
    EXPECT_TRUE(answer) << answer.error().message;
    for (const char* name : {"GEARMAND_CA_CERTIFICATE", "GEARMAN_CLIENT_PEM", "GEARMAN_CLIENT_KEY"}) ::unsetenv(name);
}

TEST_F(tls, who_is_not_trusted_is_told_why) {
    serve();
    const auto good = ours.sign({.name = "client"});
    auto stranger = others.sign({.name = "client"});
    EXPECT_THAT(refusal(secure(), stranger), HasSubstr("server's certificate is not accepted"));
    stranger.ca_file = ours.file();
    EXPECT_THAT(refusal(secure(), stranger), HasSubstr("does not accept this side's certificate"));
    EXPECT_THAT(refusal(secure(), {.ca_file = ours.file()}), HasSubstr("GEARMAN_CLIENT_PEM"));
    EXPECT_THAT(refusal(secure(), ours.sign({.name = "early", .begins = 1800})),
                HasSubstr("does not accept this side's certificate"));
    auto elsewhere = good;
    elsewhere.server_name = "other.example";
    EXPECT_THAT(refusal(secure(), elsewhere), AllOf(HasSubstr("mismatch"), HasSubstr("other.example")));
    EXPECT_THROW(runtime::client({.servers = {secure()}, .tls = {.ca_file = "/no/such.pem"}}), runtime_failure);
}

TEST_F(tls, who_speaks_in_the_clear_to_a_port_that_wants_tls_is_told_so) {
    serve();
    raw_peer gearman(secure());
    gearman.send<packet_type::echo_req>("hello");
    EXPECT_EQ(gearman.expect(packet_type::error).arguments.at(0), "TLS_REQUIRED");
    EXPECT_TRUE(gearman.wait_closed());
    raw_peer admin(secure());
    admin.send("status\n");
    EXPECT_EQ(admin.receive_line(), "ERR TLS_REQUIRED This+port+wants+TLS\r");
    EXPECT_TRUE(admin.wait_closed());
}

TEST_F(tls, a_client_that_wants_tls_where_there_is_none_is_told_so) {
    serve();
    auto where = plain();
    where.tls = true;
    EXPECT_THAT(refusal(where, ours.sign({.name = "client"})), HasSubstr("does it speak TLS on this port?"));
}

TEST_F(tls, a_peer_that_stops_within_the_handshake_is_not_waited_for_and_no_worker_of_the_broker) {
    serve(200ms);
    raw_peer silent(secure());
    raw_peer slow(secure());
    slow.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
    raw_peer admin(plain());
    admin.send("workers\n");
    EXPECT_EQ(admin.receive_list().size(), 1U) << "who has not shaken hands is unknown to the broker";
    EXPECT_TRUE(silent.wait_closed());
    EXPECT_TRUE(slow.wait_closed());
    round_trip(plain()).run();
}

TEST_F(tls, a_server_that_is_silent_within_the_handshake_is_not_waited_for) {
    const unique_fd door(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(door.get(), at, size) | ::listen(door.get(), 4) | ::getsockname(door.get(), at, &size), 0);
    auto how = ours.sign({.name = "client"});
    how.handshake_timeout = 100ms;
    EXPECT_THAT(refusal({"127.0.0.1", ntohs(address.sin_port), {}, true}, how),
                HasSubstr("the TLS handshake was not over after 100 ms"));
}

TEST_F(tls, a_server_whose_keys_cannot_be_used_does_not_start) {
    keys.key_file = ours.sign({.name = "other"}).key_file;
    EXPECT_THROW(serve(), runtime_failure);
    keys = {};
    EXPECT_THROW(serve(), runtime_failure);
}

// A handshake is two messages of ours: what is in each is read, wherever it is cut.
TEST_F(tls, peers_of_another_make_are_served) {
    serve();
    const auto mine = load_keys(ours.sign({.name = "peer"}));
    tls_peer peer(secure(), mine.get());
    peer.send("version\n");
    EXPECT_EQ(peer.receive(3), "OK ");
    for (const char one : std::string_view("x\nversion\n")) peer.send({&one, 1});
    EXPECT_THAT(peer.receive(40), HasSubstr("UNKNOWN_COMMAND"));
}

TEST_F(tls, jobs_by_http_come_by_tls_too) {
    running.emplace(runtime::server_options{.listen = {any_plain_port}, .listen_http = {any_secure_port}, .tls = keys});
    running->start();
    const auto mine = load_keys(ours.sign({.name = "peer"}));
    tls_peer peer(running->http_endpoints()[0], mine.get());
    for (int i = 0; i < 2; ++i) {
        peer.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(peer.receive(15), HasSubstr("200 OK"));
        while (peer.receive(1) != "\n" || peer.receive(2) != "\r\n") {
        }
    }
    raw_peer plain(running->http_endpoints()[0]);
    plain.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(plain.receive_line(), "HTTP/1.1 400 Bad Request\r");
}

TEST_F(tls, a_peer_that_goes_without_a_word_is_gone) {
    serve();
    const auto mine = load_keys(ours.sign({.name = "peer"}));
    {
        tls_peer peer(secure(), mine.get());
        peer.send("version\n");
        (void)peer.receive(3);
        peer.wire().reset();
    }
    round_trip(plain()).run();
}

}  // namespace
}  // namespace sheaf::test
