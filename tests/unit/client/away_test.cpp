// Jobs that are for one server of the client's, while that server is away.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

job_request for_server(std::size_t server) {
    job_request request = job();
    request.server = server;
    request.resubmit = true;
    return request;
}

/// Time passes, and server number `away` refuses every connect meanwhile.
void refuses_for(client_script& talk, std::chrono::milliseconds time, std::size_t away = 0) {
    for (const auto end = talk.now + time; talk.now < end;) {
        talk.passes(std::min<std::chrono::milliseconds>(
            50ms, std::chrono::duration_cast<std::chrono::milliseconds>(end - talk.now)));
        if (std::erase(talk.connects, away) != 0) talk.refuse(away);
    }
}

/// The job is out at a server, which then goes.
std::uint64_t lose_server(client_script& talk, job_request request) {
    const auto call = talk.submit(std::move(request));
    talk.connects.clear();
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    (void)talk.told(call);
    (void)talk.hears();
    talk.cut();
    return call;
}

TEST(client_away, a_lone_server_that_was_there_is_waited_for_until_it_is_back) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s});
    job_request request = for_server(0);
    request.deadline = talk.now + 1h;
    const auto call = lose_server(talk, request);
    refuses_for(talk, 30min);
    ASSERT_THAT(talk.told(call), IsEmpty());
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre(HasSubstr("SUBMIT_JOB")));
    refuses_for(talk, 1h);
    EXPECT_THAT(talk.told(call), ElementsAre("timeout"));
}

TEST(client_away, its_deadline_ends_the_waiting_with_the_servers_name) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s});
    job_request request = for_server(0);
    request.deadline = talk.now + 30s;
    const auto call = lose_server(talk, request);
    refuses_for(talk, 29s);
    EXPECT_THAT(talk.told(call), IsEmpty());
    refuses_for(talk, 1s);
    EXPECT_THAT(talk.told(call), ElementsAre("timeout"));
    EXPECT_THAT(talk.listener->last_message, AllOf(HasSubstr("server:1"), HasSubstr("refused")));
}

TEST(client_away, without_a_deadline_it_is_waited_for_as_long_as_the_client_is_told) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s, .away_timeout = 60s, .keepalive_silence = 1h});
    const auto call = lose_server(talk, for_server(0));
    refuses_for(talk, 59s);
    EXPECT_THAT(talk.told(call), IsEmpty());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    (void)talk.told(call);
    refuses_for(talk, 120s);
    EXPECT_THAT(talk.told(call), IsEmpty()) << "it is out, and may take its time";
    talk.cut();
    refuses_for(talk, 61s);
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("server:1"));
}

TEST(client_away, an_address_where_nobody_ever_was_is_given_up_early) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s});
    job_request request = for_server(0);
    request.deadline = talk.now + 1h;
    const auto call = talk.submit(request);
    refuses_for(talk, 10s);
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
}

TEST(client_away, jobs_for_any_server_are_given_up_as_ever) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s});
    job_request request = job();
    request.resubmit = true;
    const auto call = lose_server(talk, request);
    refuses_for(talk, 10s);
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
}

TEST(client_away, a_job_that_does_not_wait_ends_when_its_server_cannot_be_reached) {
    client_script talk(2, {.servers = {}});
    job_request request = for_server(1);
    request.only_if_there = true;
    const auto call = talk.submit(request);
    EXPECT_THAT(talk.told(call), IsEmpty()) << "it is being tried";
    talk.refuse(1);
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
    EXPECT_THAT(talk.listener->last_message, AllOf(HasSubstr("server:2"), HasSubstr("refused")));
    EXPECT_THAT(talk.told(talk.submit(request)), ElementsAre("connection_failed")) << "known to be away";
    request.server = 0;
    const auto other = talk.submit(request);
    talk.accept(0);
    EXPECT_THAT(talk.hears(0), ElementsAre(HasSubstr("SUBMIT_JOB")));
    talk.cut(0);
    EXPECT_THAT(talk.told(other), ElementsAre("connection_failed"));
}

}  // namespace
}  // namespace sheaf::test
