// sheafd with --ssl: what it refuses, and what many peers cost that do not go on.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/server/slow_crowd.hpp"

namespace sheaf::test {
namespace {

using testing::HasSubstr;

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
