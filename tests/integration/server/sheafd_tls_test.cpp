// sheafd with --ssl: what it refuses, and what many peers cost that do not go on.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/server/slow_crowd.hpp"
#include "integration/server/tls_refusal.hpp"
#include "support/eventually.hpp"
#include "support/wrong_clock.hpp"

namespace sheaf::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr long hour = 3600;

TEST_F(sheafd_tls, does_not_start_when_it_cannot_be_honoured) {
    EXPECT_THAT(refusal({"--ssl"}), HasSubstr("--ssl-ca-file"));
    EXPECT_THAT(refusal({"--ssl", "--ssl-ca-file=" + keys.ca_file}), HasSubstr("--ssl-certificate"));
    EXPECT_THAT(refusal(with_keys({})), HasSubstr("Give --ssl too"));
    keys.key_file = "/no/such.key";
    EXPECT_THAT(refusal(with_keys({"--ssl"})), HasSubstr("/no/such.key"));
}

TEST_F(sheafd_tls, takes_its_files_from_the_environment_of_gearmand) {
    process child({{program("sheafd"), "--port=0", "--ssl"},
                   {"GEARMAND_CA_CERTIFICATE=" + keys.ca_file, "GEARMAND_SERVER_PEM=" + keys.certificate_file,
                    "GEARMAND_SERVER_KEY=" + keys.key_file}});
    EXPECT_THAT(child.read_line().value_or(""), HasSubstr("sheafd ready on tls://127.0.0.1:"));
}

/// A sheafd with its keys, and what a client and its log say when the two do not come together.
struct refusing_sheafd {
    explicit refusing_sheafd(std::vector<std::string> arguments, std::vector<std::string> environment = {})
        : server(std::move(arguments), std::move(environment)) {}

    std::string to(const runtime::tls_options& client) const { return sheaf::test::refusal(server.where(), client); }
    /// Whether the log has a line with both.
    [[nodiscard]] bool logs(std::string_view what, std::string_view why) {
        return eventually([&] {
            std::istringstream log(server.child().error_output());
            for (std::string line; std::getline(log, line);) {
                if (line.find(what) != std::string::npos && line.find(why) != std::string::npos) return true;
            }
            return false;
        });
    }

    sheafd_process server;
};

TEST_F(sheafd_tls, refuses_clients_that_it_does_not_trust_and_says_why) {
    refusing_sheafd server(with_keys({"--ssl"}));
    // Our own client would not start with such a certificate.
    const auto expired = load_keys(ours.sign({.name = "expired", .begins = -2 * hour, .ends = -hour}));
    EXPECT_THROW(tls_peer(server.server.where(), expired.get()).receive(1), peer_failure);
    EXPECT_TRUE(
        server.logs("no TLS with 127.0.0.1", "the peer's certificate is not accepted: certificate has expired"));
    const authority others(place.path(), "others");
    auto stranger = others.sign({.name = "stranger"});
    stranger.ca_file = ours.file();
    EXPECT_THAT(server.to(stranger), HasSubstr("does not accept this side's certificate"));
    EXPECT_TRUE(server.logs("no TLS with 127.0.0.1", "unable to get local issuer certificate"));
    EXPECT_THAT(server.to({.ca_file = ours.file()}), HasSubstr("GEARMAN_CLIENT_PEM"));
    EXPECT_TRUE(server.logs("no TLS with 127.0.0.1", "the peer shows no certificate"));
}

TEST_F(sheafd_tls, is_refused_by_clients_that_do_not_trust_it_and_says_so) {
    const auto client = ours.sign({.name = "client", .begins = -2 * hour});
    const authority others(place.path(), "others");
    const struct {
        runtime::tls_options keys;
        const char* client_says;
        const char* log_says;
    } cases[] = {
        {ours.sign({.name = "late", .addresses = "IP:127.0.0.1", .begins = -2 * hour, .ends = -hour}),
         "certificate has expired", "expired"},
        {others.sign({.name = "strange", .addresses = "IP:127.0.0.1", .begins = -2 * hour}),
         "unable to get local issuer certificate", "unknown ca"},
        {ours.sign({.name = "other", .addresses = "DNS:other.example", .begins = -2 * hour}), "mismatch",
         "bad certificate"},
    };
    for (const auto& one : cases) {
        keys = one.keys;
        keys.ca_file = ours.file();
        // By its own clock, each certificate is valid: it would not start otherwise.
        const wrong_clock clock(std::chrono::minutes(-90));
        refusing_sheafd server(with_keys({"--ssl"}), clock.environment());
        EXPECT_THAT(server.to(client), AllOf(HasSubstr("server's certificate is not accepted"),
                                             HasSubstr(one.client_says), HasSubstr("127.0.0.1")));
        EXPECT_TRUE(server.logs("does not accept this side's certificate", one.log_says))
            << server.server.child().error_output();
    }
}

TEST_F(sheafd_tls, unix_sockets_stay_in_the_clear) {
    const sheafd_process server(with_keys({"--ssl", "--listen=127.0.0.1", "--listen=unix:" + (place / "s").string()}));
    EXPECT_TRUE(server.endpoints()[0].tls);
    EXPECT_FALSE(server.endpoints()[1].tls);
    round_trip(server.endpoints()[1]).run();
    raw_peer admin(server.where());
    admin.send("status\n");
    EXPECT_THAT(admin.receive_line(), HasSubstr("TLS_REQUIRED"));
}

TEST_F(sheafd_tls, slow_peers_do_not_disturb_others) {
    const sheafd_process server(with_keys({"--listen=tls://127.0.0.1:0", "--listen=127.0.0.1:0"}));
    round_trip others(server.endpoints()[1]);
    slow_crowd crowd(server.endpoints()[0], ours.sign({.name = "peer"}), 5, 3, 3);
    for (int i = 0; i < 10; ++i) {
        crowd.step();
        others.run();
    }
}

}  // namespace
}  // namespace sheaf::test
