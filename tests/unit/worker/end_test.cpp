// How jobs and workers end: answers, lost connections, time that is up, draining and stopping.
#include "worker_script.hpp"

namespace sheaf::test {
namespace {

using runtime::job_answer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

shared_bytes bytes(std::string_view text) { return shared_bytes(text); }

TEST(worker_answers, each_kind_has_its_packet) {
    worker_script talk(1, {.servers = {}, .slots = 3});
    talk.begin();
    for (const char* handle : {"H:1", "H:2", "H:3"}) talk.assigns(0, handle);
    (void)talk.hears();
    talk.core->status(talk.job("H:1"), 1, 2);
    talk.core->data(talk.job("H:1"), bytes("piece"));
    talk.core->warning(talk.job("H:1"), bytes("careful"));
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_STATUS H:1|1|2", "WORK_DATA H:1|piece", "WORK_WARNING H:1|careful"));
    talk.ends_with("H:1", job_answer::complete(bytes("out")));
    talk.ends_with("H:2", job_answer::fail());
    talk.ends_with("H:3", job_answer::exception(bytes("boom")));
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "GRAB_JOB_UNIQ", "WORK_FAIL H:2", "GRAB_JOB_UNIQ",
                                          "WORK_EXCEPTION H:3|boom", "GRAB_JOB_UNIQ"));
}

TEST(worker_answers, an_answer_that_no_server_would_take_becomes_an_exception) {
    worker_script talk(1, {.servers = {}, .message_bytes_max = 1000});
    talk.begin();
    talk.assigns(0, "H:1");
    talk.ends("H:1", std::string(1000, 'x'));
    EXPECT_THAT(talk.hears(),
                ElementsAre(HasSubstr("WORK_EXCEPTION H:1|the answer of 'f' has 1000 bytes"), "GRAB_JOB_UNIQ"));
}

TEST(worker_answers, a_piece_above_the_limit_ends_the_job_and_not_the_connection) {
    worker_script talk(1, {.servers = {}, .message_bytes_max = 1000});
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->data(talk.job("H:1"), bytes(std::string(1000, 'x')));
    EXPECT_THAT(talk.hears(),
                ElementsAre("WORK_EXCEPTION H:1|a piece of data of 'f' has 1000 bytes, above the limit of 1000"));
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    talk.core->warning(talk.job("H:1"), bytes("too late"));
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
}

// ---- Connections that are lost.

TEST(worker_connection_lost, its_jobs_are_dropped_stopped_and_not_answered) {
    worker_script talk(1, {.servers = {}, .slots = 2});
    talk.begin();
    for (const char* handle : {"H:1", "H:2"}) talk.assigns(0, handle);
    ASSERT_THAT(talk.running(), ElementsAre("H:1", "H:2"));
    talk.cut();
    EXPECT_THAT(talk.stopped, ElementsAre("H:1", "H:2"));
    talk.core->data(talk.job("H:1"), bytes("piece"));
    talk.ends("H:1");
    talk.passes(1s);
    talk.accept();
    // One slot is still taken by a job of the old connection.
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "CAN_DO f", "GRAB_JOB_UNIQ"));
    talk.ends("H:2");
    EXPECT_THAT(talk.hears(), IsEmpty());  // the grab is out already, and servers are sounded with one
    talk.assigns(0, "H:3");
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.ends("H:3");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:3|out"));
}

TEST(worker_connection_lost, a_job_that_has_not_begun_never_does) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.assigns(0, "H:2");  // more than it asked for
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.cut();
    EXPECT_THAT(talk.withdrawn, ElementsAre("H:2"));
    talk.ends("H:1");
    EXPECT_THAT(talk.running(), IsEmpty());
}

TEST(worker_connection_lost, other_servers_jobs_go_on) {
    worker_script talk(2, {.servers = {}, .slots = 2});
    talk.begin(0);
    talk.begin(1);
    talk.assigns(0, "H:1");
    talk.assigns(1, "H:1");  // handles of different servers may be equal
    talk.cut(0);
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    ASSERT_EQ(talk.job("H:1").server, 0U);
    talk.ends("H:1", "dropped");
    (void)talk.hears(1);
    talk.ends("H:1", "sent");
    EXPECT_THAT(talk.hears(1), ElementsAre("WORK_COMPLETE H:1|sent"));
}

TEST(worker_connection_lost, a_silent_server_is_asked_and_then_given_up_also_by_a_sleeping_worker) {
    worker_script talk(1, {.servers = {}, .keepalive_silence = 30s, .keepalive_timeout = 10s});
    talk.begin();
    talk.says<packet_type::no_job>(0);
    (void)talk.hears();
    talk.passes(45s);
    EXPECT_THAT(talk.hears(), ElementsAre("ECHO_REQ sheaf keepalive"));
    talk.says<packet_type::echo_res>(0, "sheaf keepalive");
    talk.passes(45s);
    EXPECT_THAT(talk.closes, IsEmpty());
    EXPECT_THAT(talk.hears(), ElementsAre("ECHO_REQ sheaf keepalive"));
    talk.passes(10s);
    EXPECT_THAT(talk.closes, ElementsAre(0));
    EXPECT_THAT(talk.connects, ElementsAre(0, 0));
}

// ---- Jobs whose time is up.

TEST(worker_watchdog, a_job_that_takes_too_long_is_answered_for_and_its_slot_reported) {
    worker_script talk(1, {.servers = {}, .stuck_grace = 1s});
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->expire_at(talk.job("H:1"), talk.now + 500ms, bytes("too slow"));
    talk.passes(499ms);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_EXCEPTION H:1|too slow"));
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    talk.passes(999ms);
    EXPECT_THAT(talk.stuck_jobs, IsEmpty());
    talk.passes(10s);
    EXPECT_THAT(talk.stuck_jobs, ElementsAre("H:1"));
    talk.core->data(talk.job("H:1"), bytes("piece"));
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
}

TEST(worker_watchdog, a_job_that_ends_in_time_is_left_alone) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->expire_at(talk.job("H:1"), talk.now + 500ms, bytes("too slow"));
    talk.ends("H:1");
    (void)talk.hears();
    talk.assigns(0, "H:2");  // in the same place
    talk.passes(10s);
    EXPECT_THAT(talk.hears(), IsEmpty());
    EXPECT_THAT(talk.stopped, IsEmpty());
}

TEST(worker_watchdog, the_earlier_of_two_limits_counts_and_giving_up_is_the_earliest) {
    worker_script talk(1, {.servers = {}, .stuck_grace = 1s});
    talk.begin();
    talk.assigns(0, "H:1");
    const auto began = talk.now;
    talk.passes(100ms);
    talk.core->expire_at(talk.job("H:1"), began, bytes("nobody wants it"));
    talk.core->expire_at(talk.job("H:1"), began + 500ms, bytes("too slow"));
    talk.passes(0ms);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_EXCEPTION H:1|nobody wants it"));
    EXPECT_THAT(talk.stopping_jobs, ElementsAre("H:1"));
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    talk.passes(10s);
    EXPECT_THAT(talk.stuck_jobs, ElementsAre("H:1"));
}

TEST(worker_watchdog, a_limit_that_ends_while_the_worker_stops_costs_one_tick) {
    worker_script talk(1, {.servers = {}, .stuck_grace = 1s});
    talk.begin();
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.core->stop(talk.now);
    talk.core->expire_at(talk.job("H:1"), talk.now + 500ms, bytes("too slow"));
    talk.passes(10s);
    EXPECT_GT(talk.core->next_deadline(), talk.now);
    EXPECT_THAT(talk.stuck_jobs, ElementsAre("H:1"));
}

// ---- Signs of life.

TEST(worker_signs_of_life, come_from_the_first_on_as_often_as_was_asked_for) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->say_from(talk.job("H:1"), talk.now + 20ms, 100ms, bytes("alive"));
    talk.passes(19ms);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_DATA H:1|alive"));
    talk.passes(250ms);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_DATA H:1|alive", "WORK_DATA H:1|alive"));
    talk.ends("H:1");
    (void)talk.hears();
    talk.assigns(0, "H:2");  // in the same place
    talk.passes(1s);
    EXPECT_THAT(talk.hears(), IsEmpty());
}

TEST(worker_signs_of_life, without_a_period_there_is_one) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->say_from(talk.job("H:1"), talk.now, 0ms, bytes("alive"));
    talk.passes(1s);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_DATA H:1|alive"));
}

TEST(worker_signs_of_life, end_when_the_server_has_its_answer_or_has_gone) {
    worker_script talk(1, {.servers = {}, .slots = 2});
    talk.begin();
    for (const char* handle : {"H:1", "H:2"}) {
        talk.assigns(0, handle);
        talk.core->say_from(talk.job(handle), talk.now, 100ms, bytes("alive"));
    }
    talk.core->expire_at(talk.job("H:1"), talk.now + 50ms, bytes("too slow"));
    talk.passes(60ms);
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ", "WORK_DATA H:1|alive", "WORK_DATA H:2|alive",
                                          "WORK_EXCEPTION H:1|too slow"));
    talk.cut();
    talk.accept();
    (void)talk.hears();
    talk.passes(1s);
    EXPECT_THAT(talk.hears(), IsEmpty());
}

// ---- Draining and stopping.

TEST(worker_drain, what_runs_and_what_a_grab_in_flight_still_brings_is_finished_first) {
    worker_script talk(1, {.servers = {}, .slots = 2});
    talk.begin();
    talk.assigns(0, "H:1");
    (void)talk.hears();  // and a second grab
    talk.core->drain(talk.now);
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));
    EXPECT_EQ(talk.times_finished, 0);
    talk.assigns(0, "H:2");
    talk.ends("H:2");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out"));
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_drain, a_handler_that_waits_for_other_jobs_still_gets_them) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->drain(talk.now);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.core->lend();
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:2");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.core->take_back();
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));
    EXPECT_EQ(talk.times_finished, 0);
    talk.ends("H:2");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out"));
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_drain, a_sleeping_worker_ends_at_once_and_a_waking_one_when_it_got_nothing) {
    worker_script asleep;
    asleep.begin();
    asleep.says<packet_type::no_job>(0);
    asleep.core->drain(asleep.now);
    EXPECT_EQ(asleep.times_finished, 1);

    worker_script waking;
    waking.begin();
    waking.core->drain(waking.now);
    EXPECT_EQ(waking.times_finished, 0);
    waking.says<packet_type::no_job>(0);
    EXPECT_EQ(waking.times_finished, 1);
    EXPECT_THAT(waking.hears(), IsEmpty());  // no PRE_SLEEP: it will not wake again
}

TEST(worker_drain, a_lost_server_is_neither_waited_for_nor_called_again) {
    worker_script talk(1);
    talk.begin();
    talk.core->drain(talk.now);
    talk.cut();
    EXPECT_EQ(talk.times_finished, 1);
    talk.connects.clear();
    talk.passes(60s);
    EXPECT_THAT(talk.connects, IsEmpty());
}

TEST(worker_drain, handlers_are_stopped_when_the_grace_is_over) {
    worker_script talk(1, {.servers = {}, .drain_grace = 10s, .stuck_grace = 1s});
    talk.begin();
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.core->drain(talk.now);
    talk.passes(9999ms);
    EXPECT_THAT(talk.stopped, IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    talk.passes(1s);
    EXPECT_THAT(talk.stuck_jobs, ElementsAre("H:1"));
    talk.ends("H:1");
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_drain, another_grace_counts_from_when_it_was_given) {
    worker_script talk(1, {.servers = {}, .drain_grace = 10s});
    talk.begin();
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.core->drain(talk.now);
    talk.passes(9s);
    talk.core->drain(talk.now, 20s);
    talk.core->drain(talk.now);
    talk.passes(19s);
    EXPECT_THAT(talk.stopped, IsEmpty());
    talk.passes(1s);
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
}

TEST(worker_drain, half_a_result_of_a_handler_that_was_stopped_does_not_end_its_job) {
    worker_script talk(1, {.servers = {}, .slots = 3, .drain_grace = 10s});
    talk.begin();
    for (const char* handle : {"H:1", "H:2", "H:3"}) talk.assigns(0, handle);
    talk.core->drain(talk.now);
    talk.says<packet_type::no_job>(0);
    (void)talk.hears();
    talk.ends("H:1", "whole");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|whole"));
    talk.passes(10s);
    ASSERT_THAT(talk.stopped, ElementsAre("H:2", "H:3"));
    talk.core->data(talk.job("H:2"), bytes("piece"));
    talk.core->warning(talk.job("H:2"), bytes("stopped on the way"));
    talk.core->status(talk.job("H:2"), 1, 2);
    talk.ends("H:2", "half");
    EXPECT_EQ(talk.times_finished, 0);
    talk.ends_with("H:3", job_answer::exception(bytes("stopped on the way")));
    EXPECT_THAT(talk.hears(), IsEmpty());  // the server gives them to others when the connection ends
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_stop, servers_that_tell_it_from_a_loss_are_told) {
    worker_script talk(2);
    talk.begin_with_sheaf(0);
    talk.begin(1);
    talk.assigns(0, "H:1");
    (void)talk.hears(0);
    talk.core->stop(talk.now);
    EXPECT_THAT(talk.hears(0), ElementsAre("OPTION_REQ leaving"));
    EXPECT_THAT(talk.hears(1), IsEmpty()) << "it knows only losses";
}

TEST(worker_stop, what_has_not_begun_is_dropped_and_the_rest_asked_to_stop) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.assigns(0, "H:2");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.core->stop(talk.now);
    EXPECT_THAT(talk.withdrawn, ElementsAre("H:2"));
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    EXPECT_EQ(talk.times_finished, 0);
    talk.assigns(0, "H:3");  // goes back with the connection
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), IsEmpty());
    EXPECT_EQ(talk.times_finished, 1);
    talk.core->stop(talk.now);
    talk.core->drain(talk.now);
    EXPECT_EQ(talk.times_finished, 1);
}

}  // namespace
}  // namespace sheaf::test
