// Both sides of TLS in memory: what one has to say goes to the other byte by byte, or not at all.
#include "net/tls_session.hpp"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/certificates.hpp"
#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using net::tls_context;
using net::tls_session;
using testing::AllOf;
using testing::HasSubstr;

struct tls_session_test : testing::Test {
    static std::shared_ptr<const tls_context> make(tls_context::side which, const runtime::tls_options& how) {
        return std::make_shared<tls_context>(which, how);
    }
    [[nodiscard]] std::shared_ptr<const tls_context> server() const {
        return make(tls_context::side::server,
                    ours.sign({.name = "server", .addresses = "DNS:jobs.example,IP:127.0.0.1"}));
    }
    [[nodiscard]] std::shared_ptr<const tls_context> client() const {
        return make(tls_context::side::client, ours.sign({.name = "client"}));
    }

    scratch_directory place;
    authority ours{place.path(), "ours"};
    authority others{place.path(), "others"};
};

/// Two sides that talk to each other.
struct pair_of_sessions {
    pair_of_sessions(std::shared_ptr<const tls_context> of_client, std::shared_ptr<const tls_context> of_server,
                     std::string_view host = "jobs.example")
        : client(std::move(of_client), host), server(std::move(of_server), "") {}

    // What `from` has to say, and what `to` makes of it; at most `step` bytes at once.
    static bool carry(tls_session& from, tls_session& to, std::string& heard, std::size_t step) {
        const bool has_some = !from.wire().empty();
        while (!from.wire().empty()) {
            const std::string some(from.wire().substr(0, step));
            from.sent(some.size());
            if (to.what() == tls_session::state::failed) continue;
            to.feed(some);
            char room[1000];
            while (const std::size_t n = to.read(room)) heard.append(room, n);
        }
        return has_some;
    }
    /// Until neither has anything to say.
    void talk(std::size_t step = 1 << 20) {
        while (carry(client, server, server_heard, step) || carry(server, client, client_heard, step)) {
        }
    }

    tls_session client;
    tls_session server;
    std::string client_heard;
    std::string server_heard;
};

TEST_F(tls_session_test, a_handshake_that_comes_byte_by_byte_opens_both_sides) {
    pair_of_sessions both(client(), server());
    both.talk(1);
    EXPECT_EQ(both.client.what(), tls_session::state::open) << both.client.why().message;
    EXPECT_EQ(both.server.what(), tls_session::state::open) << both.server.why().message;
    EXPECT_EQ(both.client.write("question"), 8U);
    both.talk(1);
    EXPECT_EQ(both.server.write("answer"), 6U);
    both.talk(1);
    EXPECT_EQ(both.server_heard, "question");
    EXPECT_EQ(both.client_heard, "answer");
}

TEST_F(tls_session_test, takes_no_more_than_it_may_hold_until_something_was_sent) {
    pair_of_sessions both(client(), server());
    both.talk();
    const std::string large(1 << 20, 'x');
    std::size_t taken = both.client.write(large);
    EXPECT_LT(taken, large.size());
    EXPECT_LT(both.client.wire().size(), tls_session::wire_bytes_max + 20'000);
    EXPECT_EQ(both.client.write(large), 0U) << "nothing was sent meanwhile";
    while (taken < large.size()) {
        both.talk();
        taken += both.client.write(std::string_view(large).substr(taken));
    }
    both.talk();
    EXPECT_TRUE(both.server_heard == large);
}

TEST_F(tls_session_test, an_address_is_a_name_too) {
    pair_of_sessions both(client(), server(), "127.0.0.1");
    both.talk();
    EXPECT_EQ(both.client.what(), tls_session::state::open) << both.client.why().message;
}

TEST_F(tls_session_test, the_end_is_told) {
    pair_of_sessions both(client(), server());
    both.talk();
    both.client.end();
    both.talk();
    EXPECT_EQ(both.server.what(), tls_session::state::ended);
}

TEST_F(tls_session_test, a_client_of_another_authority_is_refused_and_told_so) {
    auto theirs = others.sign({.name = "client"});
    theirs.ca_file = ours.file();
    pair_of_sessions both(make(tls_context::side::client, theirs), server());
    both.talk();
    EXPECT_EQ(both.server.what(), tls_session::state::failed);
    EXPECT_THAT(both.server.why().message, HasSubstr("peer's certificate is not accepted"));
    EXPECT_EQ(both.client.what(), tls_session::state::failed);
    EXPECT_THAT(both.client.why().message, HasSubstr("does not accept this side's certificate"));
}

TEST_F(tls_session_test, a_client_without_a_certificate_is_refused_and_told_so) {
    pair_of_sessions both(make(tls_context::side::client, {.ca_file = ours.file()}), server());
    both.talk();
    EXPECT_THAT(both.server.why().message, HasSubstr("shows no certificate"));
    EXPECT_THAT(both.client.why().message, AllOf(HasSubstr("certificate"), HasSubstr("GEARMAN_CLIENT_PEM")));
}

TEST_F(tls_session_test, a_server_of_another_authority_is_not_trusted) {
    auto theirs = others.sign({.name = "server", .addresses = "DNS:jobs.example"});
    theirs.ca_file = ours.file();
    pair_of_sessions both(client(), make(tls_context::side::server, theirs));
    both.talk();
    EXPECT_EQ(both.client.what(), tls_session::state::failed);
    EXPECT_THAT(both.client.why().message, HasSubstr("server's certificate is not accepted"));
}

TEST_F(tls_session_test, a_server_with_another_name_is_not_trusted) {
    for (const char* host : {"other.example", "127.0.0.2"}) {
        pair_of_sessions both(client(), server(), host);
        both.talk();
        EXPECT_EQ(both.client.what(), tls_session::state::failed);
        EXPECT_THAT(both.client.why().message, AllOf(HasSubstr("mismatch"), HasSubstr(host)));
    }
}

TEST_F(tls_session_test, the_name_that_is_wanted_may_be_another_than_that_of_the_address) {
    auto how = ours.sign({.name = "client"});
    how.server_name = "jobs.example";
    pair_of_sessions both(make(tls_context::side::client, how), server(), "127.0.0.9");
    both.talk();
    EXPECT_EQ(both.client.what(), tls_session::state::open) << both.client.why().message;
}

TEST_F(tls_session_test, a_certificate_that_is_not_valid_yet_is_refused) {
    pair_of_sessions both(make(tls_context::side::client, ours.sign({.name = "early", .begins = 1800})), server());
    both.talk();
    EXPECT_THAT(both.server.why().message, HasSubstr("not yet valid"));
}

TEST_F(tls_session_test, bytes_that_are_no_tls_fail_it) {
    tls_session one(client(), "jobs.example");
    one.feed("ERR UNKNOWN_COMMAND Unknown+server+command\r\n");
    EXPECT_EQ(one.what(), tls_session::state::failed);
    EXPECT_THAT(one.why().message, HasSubstr("does not speak TLS"));
}

// What cannot be honoured is refused before anything is served.
TEST_F(tls_session_test, files_that_cannot_be_used_are_named) {
    const auto good = ours.sign({.name = "good"});
    const auto other = ours.sign({.name = "other"});
    const auto refusal = [](tls_context::side which, runtime::tls_options how) -> std::string {
        try {
            const tls_context made(which, how);
            return "";
        } catch (const runtime_failure& why) {
            return why.what();
        }
    };
    const auto changed = [&](std::string runtime::tls_options::*file, const std::string& to) {
        auto how = good;
        how.*file = to;
        return refusal(tls_context::side::server, how);
    };
    EXPECT_EQ(refusal(tls_context::side::server, good), "");
    EXPECT_THAT(changed(&runtime::tls_options::ca_file, ""), HasSubstr("--ssl-ca-file"));
    EXPECT_THAT(changed(&runtime::tls_options::certificate_file, ""), HasSubstr("--ssl-certificate"));
    EXPECT_THAT(changed(&runtime::tls_options::key_file, ""), HasSubstr("--ssl-key"));
    EXPECT_THAT(changed(&runtime::tls_options::key_file, "/no/such.key"), HasSubstr("/no/such.key"));
    EXPECT_THAT(changed(&runtime::tls_options::key_file, other.key_file), HasSubstr(other.key_file));
    EXPECT_THAT(changed(&runtime::tls_options::ca_file, good.key_file), HasSubstr("no certificate"));
    const auto expired = ours.sign({.name = "expired", .begins = -7200, .ends = -3600});
    EXPECT_THAT(refusal(tls_context::side::client, expired), HasSubstr("has expired"));
}

}  // namespace
}  // namespace sheaf::test
