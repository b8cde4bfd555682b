// Deadlines, pauses between attempts, and servers that fall silent.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

job_request due_in(client_script& talk, std::chrono::milliseconds time, std::string unique = {}) {
    auto request = job("in", std::move(unique));
    request.deadline = talk.now + time;
    return request;
}

TEST(client_deadlines, a_call_ends_at_its_deadline_in_every_stage) {
    client_script talk;
    const auto created = talk.submit(due_in(talk, 1000ms));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    const auto submitted = talk.submit(due_in(talk, 1000ms));
    talk.passes(999ms);
    EXPECT_THAT(talk.told(created), ElementsAre("created H:1"));
    talk.passes(1ms);
    EXPECT_THAT(talk.told(created), ElementsAre("timeout"));
    EXPECT_THAT(talk.told(submitted), ElementsAre("timeout"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("job of 'f'"));

    client_script nobody;
    const auto waiting = nobody.submit(due_in(nobody, 1000ms));
    nobody.passes(1000ms);
    EXPECT_THAT(nobody.told(waiting), ElementsAre("timeout"));
}

TEST(client_deadlines, late_answers_are_ignored_and_do_not_shift_others) {
    client_script talk;
    const auto late = talk.submit(due_in(talk, 10ms));
    const auto call = talk.submit(job());
    talk.accept();
    talk.passes(10ms);
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_complete>(0, "H:1", "too late");
    talk.says<packet_type::work_complete>(0, "H:2", "out");
    EXPECT_THAT(talk.told(late), ElementsAre("timeout"));
    EXPECT_THAT(talk.told(call), ElementsAre("created H:2", "complete out"));
    talk.expect_every_call_ended_once();
}

TEST(client_deadlines, many_calls_end_each_at_its_own_time) {
    client_script talk;
    talk.submit(job());
    talk.accept();
    // Submitted in an order that is neither rising nor falling; some end early and leave their place.
    std::vector<std::uint64_t> calls;
    for (int i = 0; i < 100; ++i)
        calls.push_back(talk.submit(due_in(talk, std::chrono::milliseconds(1 + (i * 37) % 100))));
    for (int i = 0; i < 100; i += 3) talk.core->cancel(calls[static_cast<std::size_t>(i)]);
    for (int time = 1; time <= 100; ++time) {
        talk.passes(1ms);
        for (int i = 0; i < 100; ++i) {
            const bool over = i % 3 == 0 || 1 + (i * 37) % 100 <= time;
            ASSERT_EQ(talk.listener->ends[calls[static_cast<std::size_t>(i)]], over ? 1 : 0)
                << "call " << i << " at " << time;
        }
    }
}

// ---- Reconnecting.

TEST(client_backoff, pauses_double_up_to_the_limit) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 1h, .backoff_min = 100ms, .backoff_max = 400ms});
    talk.submit(job());
    for (const auto pause : {50ms, 100ms, 200ms, 200ms}) {  // halved: the script's random source gives 0
        talk.connects.clear();
        talk.refuse();
        talk.passes(pause - 1ms);
        EXPECT_THAT(talk.connects, IsEmpty());
        talk.passes(1ms);
        EXPECT_THAT(talk.connects, ElementsAre(0));
    }
}

TEST(client_backoff, a_server_that_drops_every_connection_is_not_called_without_pause) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 1h, .backoff_min = 100ms, .backoff_max = 400ms});
    auto request = job();
    request.resubmit = true;
    talk.submit(request);
    talk.core->connected(0, talk.now);
    talk.cut();
    talk.passes(50ms);
    talk.core->connected(0, talk.now);
    talk.cut();
    talk.connects.clear();
    talk.passes(99ms);
    EXPECT_THAT(talk.connects, IsEmpty());  // it has never answered anything: the pause has doubled
    talk.passes(1ms);
    talk.accept();
    talk.cut();
    talk.connects.clear();
    talk.passes(50ms);
    EXPECT_THAT(talk.connects, ElementsAre(0));  // it has answered: the pauses start anew
}

TEST(client_backoff, nobody_is_called_while_there_is_nothing_to_do) {
    client_script talk;
    const auto call = talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    (void)talk.told(call);
    talk.connects.clear();
    talk.cut();
    talk.passes(60s);
    EXPECT_THAT(talk.connects, IsEmpty());
    EXPECT_EQ(talk.core->next_deadline(), peer::never);
    talk.submit(job());
    EXPECT_THAT(talk.connects, ElementsAre(0));
}

TEST(client_backoff, jobs_end_when_no_server_can_be_reached_for_too_long) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s});
    const auto call = talk.submit(job());
    talk.refuse();
    for (int i = 0; i < 1000 && talk.listener->ends[call] == 0; ++i) {
        const auto attempts = talk.connects.size();
        talk.passes(10ms);
        if (talk.connects.size() != attempts) talk.refuse();
    }
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("server:1: refused"));
    EXPECT_EQ(talk.now, client_script().now + 10s);
}

TEST(client_backoff, an_earlier_outage_does_not_shorten_a_later_one) {
    client_script talk(1, {.servers = {}, .unreachable_timeout = 10s, .backoff_min = 9s, .backoff_max = 9s});
    talk.submit(job());
    talk.refuse();
    talk.passes(9s);
    talk.accept();
    talk.cut();
    const auto call = talk.submit(job());
    talk.passes(9999ms);
    EXPECT_THAT(talk.told(call), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.told(call), ElementsAre("connection_failed"));
}

// ---- Servers that say nothing.

TEST(client_keepalive, a_silent_server_is_asked_and_then_given_up) {
    client_script talk(1, {.servers = {}, .keepalive_silence = 10s, .keepalive_timeout = 5s});
    const auto call = talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    (void)talk.hears();
    talk.passes(4s);
    talk.says<packet_type::work_status>(0, "H:1", "1", "2");
    talk.passes(10s);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.passes(5s);
    EXPECT_THAT(talk.hears(), ElementsAre("ECHO_REQ sheaf keepalive"));
    EXPECT_THAT(talk.closes, IsEmpty());
    talk.passes(5s);
    EXPECT_THAT(talk.closes, ElementsAre(0));
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "status 1/2", "connection_lost"));
}

TEST(client_keepalive, a_server_that_answers_is_left_alone_however_long_a_job_takes) {
    client_script talk(1, {.servers = {}, .keepalive_silence = 10s, .keepalive_timeout = 5s});
    talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    int asked = 0;
    for (int second = 0; second < 600; ++second) {
        for (const auto& line : talk.hears()) {
            if (!line.starts_with("ECHO_REQ")) continue;
            ++asked;
            talk.says<packet_type::echo_res>(0, "sheaf keepalive");
        }
        talk.passes(1s);
    }
    EXPECT_THAT(talk.closes, IsEmpty());
    EXPECT_GT(asked, 30);
}

TEST(client_keepalive, an_idle_connection_is_not_asked) {
    client_script talk;
    talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    (void)talk.hears();
    talk.passes(600s);
    EXPECT_THAT(talk.hears(), IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
