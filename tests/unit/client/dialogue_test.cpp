// What a client says and understands while all goes well, and what it makes of refusals and coalesced jobs.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using runtime::query;
using runtime::query_answer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(client_dialogue, nothing_is_connected_before_the_first_job) {
    client_script talk;
    talk.passes(60s);
    EXPECT_THAT(talk.connects, IsEmpty());
    talk.submit(job());
    EXPECT_THAT(talk.connects, ElementsAre(0));
}

TEST(client_dialogue, a_job_runs_from_submission_to_result) {
    client_script talk(1, {.servers = {}, .id = "me"});
    const auto call = talk.submit(job("in", "u"));
    talk.core->connected(0, talk.now);
    EXPECT_THAT(talk.hears(), ElementsAre("SET_CLIENT_ID me", "OPTION_REQ exceptions", "OPTION_REQ late-created",
                                          "SUBMIT_JOB f|u|in"));
    talk.says<packet_type::option_res>(0, "exceptions");
    talk.says<packet_type::option_res>(0, "late-created");
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_status>(0, "H:1", "1", "4");
    talk.says<packet_type::work_data>(0, "H:1", "part");
    talk.says<packet_type::work_warning>(0, "H:1", "careful");
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    EXPECT_THAT(talk.told(call),
                ElementsAre("created H:1", "status 1/4", "data part", "warning careful", "complete out"));
    EXPECT_EQ(talk.core->open_calls(), 0U);
}

TEST(client_dialogue, priority_and_background_choose_the_packet) {
    client_script talk;
    talk.submit(job());
    talk.accept();
    (void)talk.hears();
    for (const bool background : {false, true}) {
        for (const auto priority :
             {runtime::job_priority::high, runtime::job_priority::normal, runtime::job_priority::low}) {
            auto request = job("", "");
            request.priority = priority;
            request.background = background;
            talk.submit(request);
        }
    }
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB_HIGH f||", "SUBMIT_JOB f||", "SUBMIT_JOB_LOW f||",
                                          "SUBMIT_JOB_HIGH_BG f||", "SUBMIT_JOB_BG f||", "SUBMIT_JOB_LOW_BG f||"));
}

TEST(client_dialogue, a_background_job_has_ended_when_the_server_has_taken_it) {
    client_script talk;
    auto request = job();
    request.background = true;
    const auto call = talk.submit(request);
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "complete "));
}

TEST(client_dialogue, failures_and_exceptions_are_told_apart) {
    client_script talk;
    const auto first = talk.submit(job());
    const auto second = talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_exception>(0, "H:2", "boom");
    talk.says<packet_type::work_fail>(0,
                                      std::string_view("H:1\0", 4));  // gearmand adds a NUL where it had an exception
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1", "failed"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:2", "exception boom"));
}

TEST(client_dialogue, a_refusal_ends_the_job_whose_turn_it_is) {
    client_script talk;
    const auto first = talk.submit(job());
    const auto refused = talk.submit(job());
    const auto third = talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::error>(0, "QUEUE_ERROR", "Job queue is full");
    talk.says<packet_type::job_created>(0, "H:3");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1"));
    EXPECT_THAT(talk.told(refused), ElementsAre("queue_full"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("Job queue is full"));
    EXPECT_THAT(talk.told(third), ElementsAre("created H:3"));
}

TEST(client_dialogue, a_server_without_options_does_not_shift_the_answers) {
    for (const bool answers : {true, false}) {
        client_script talk;
        const auto call = talk.submit(job());
        talk.core->connected(0, talk.now);
        if (answers) talk.says<packet_type::error>(0, "UNKNOWN_OPTION", "");
        talk.says<packet_type::job_created>(0, "H:1");
        EXPECT_THAT(talk.told(call), ElementsAre("created H:1"));
    }
}

TEST(client_dialogue, an_answer_that_nobody_asked_for_ends_the_connection) {
    client_script talk;
    talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    EXPECT_THAT(talk.closes, ElementsAre(0));
    talk.expect_every_call_ended_once();
}

TEST(client_dialogue, packets_for_unknown_handles_and_for_workers_are_ignored) {
    client_script talk;
    const auto call = talk.submit(job());
    talk.accept();
    talk.says<packet_type::work_complete>(0, "H:9", "late");
    talk.says<packet_type::noop>(0);
    talk.says<packet_type::error>(0, "JOB_NOT_FOUND", "");  // takes the place of JOB_CREATED
    EXPECT_THAT(talk.told(call), ElementsAre("server_error"));
    EXPECT_THAT(talk.closes, IsEmpty());
}

TEST(client_dialogue, a_job_that_no_server_could_take_is_refused_at_once) {
    client_script talk(1, {.servers = {}, .message_bytes_max = 1000});
    auto nameless = job();
    nameless.function.clear();
    auto nul = job();
    nul.unique = std::string("a\0b", 3);
    auto late = job();
    late.deadline = talk.now;
    EXPECT_THAT(talk.told(talk.submit(nameless)), ElementsAre("invalid_argument"));
    EXPECT_THAT(talk.told(talk.submit(nul)), ElementsAre("invalid_argument"));
    EXPECT_THAT(talk.told(talk.submit(job(std::string(1000, 'x')))), ElementsAre("too_large"));
    EXPECT_THAT(talk.told(talk.submit(job("", std::string(9000, 'u')))), ElementsAre("too_large"));
    EXPECT_THAT(talk.told(talk.submit(late)), ElementsAre("timeout"));
    EXPECT_THAT(talk.connects, IsEmpty());
}

// ---- Several submissions, one job: the server repeats every packet for each of them.

TEST(client_coalescing, each_call_gets_each_piece_once_though_all_are_repeated) {
    client_script talk;
    const auto first = talk.submit(job("in", "u"));
    const auto second = talk.submit(job("in", "u"));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:1");
    for (const char* piece : {"same", "same", "other"}) {
        talk.says<packet_type::work_data>(0, "H:1", piece);
        talk.says<packet_type::work_data>(0, "H:1", piece);
    }
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    for (const auto call : {first, second}) {
        EXPECT_THAT(talk.told(call),
                    ElementsAre("created H:1", "data same", "data same", "data other", "complete out"));
    }
    talk.expect_every_call_ended_once();
}

TEST(client_coalescing, a_call_that_joins_late_gets_what_comes_after_it) {
    client_script talk;
    const auto first = talk.submit(job("in", "u"));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_data>(0, "H:1", "early");
    const auto second = talk.submit(job("in", "u"));
    const auto third = talk.submit(job("in", "u"));
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:1");
    for (int copy = 0; copy < 3; ++copy) talk.says<packet_type::work_data>(0, "H:1", "late");
    for (int copy = 0; copy < 3; ++copy) talk.says<packet_type::work_fail>(0, "H:1");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1", "data early", "data late", "failed"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:1", "data late", "failed"));
    EXPECT_THAT(talk.told(third), ElementsAre("created H:1", "data late", "failed"));
}

TEST(client_coalescing, a_cancelled_call_takes_its_copies_with_it) {
    client_script talk;
    const auto first = talk.submit(job("in", "u"));
    const auto second = talk.submit(job("in", "u"));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:1");
    talk.core->cancel(first);
    for (const char* piece : {"a", "b"}) {
        talk.says<packet_type::work_data>(0, "H:1", piece);
        talk.says<packet_type::work_data>(0, "H:1", piece);
    }
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1", "cancelled"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:1", "data a", "data b", "complete out"));
}

TEST(client_coalescing, a_call_that_joins_a_cancelled_one_is_not_told_twice) {
    client_script talk;
    const auto gone = talk.submit(job("in", "u"));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.core->cancel(gone);
    const auto call = talk.submit(job("in", "u"));
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_data>(0, "H:1", "once");
    talk.says<packet_type::work_data>(0, "H:1", "once");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "data once"));
}

TEST(client_coalescing, a_call_that_was_cancelled_before_its_handle_was_known_is_counted_too) {
    client_script talk;
    const auto gone = talk.submit(job("in", "u"));
    const auto call = talk.submit(job("in", "u"));
    talk.accept();
    talk.core->cancel(gone);
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_data>(0, "H:1", "once");
    talk.says<packet_type::work_data>(0, "H:1", "once");
    EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "data once"));
}

// ---- Cancelling.

TEST(client_cancel, the_server_is_told_of_a_job_that_is_to_be_withdrawn) {
    client_script talk;
    auto request = job();
    request.withdraw = true;
    const auto named = talk.submit(request);
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    const auto unnamed = talk.submit(request);
    const auto plain = talk.submit(job());
    (void)talk.hears();
    for (const auto one : {named, unnamed, plain}) talk.core->cancel(one);
    EXPECT_THAT(talk.hears(), ElementsAre("cancel job H:1"));
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::job_created>(0, "H:3");
    EXPECT_THAT(talk.hears(), ElementsAre("cancel job H:2"));
    talk.core->line(0, "OK");
    talk.core->line(0, "ERR UNKNOWN_JOB");
    talk.expect_every_call_ended_once();
}

TEST(client_cancel, a_withdrawn_job_is_heard_of_until_its_end_and_answers_find_their_questions) {
    client_script talk;
    talk.accept();
    const auto first = talk.submit(job());
    const auto second = talk.submit(job());
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    (void)talk.hears();
    talk.core->withdraw(first);
    talk.core->withdraw(second);
    std::string version;
    talk.core->ask({query::kind::admin,
                    "version",
                    talk.now + 1s,
                    [&](basic_result<query_answer> said) { version = said->text; },
                    {}},
                   talk.now);
    EXPECT_THAT(talk.hears(), ElementsAre("cancel job H:1", "cancel job H:2", "version"));
    talk.says<packet_type::work_fail>(0, "H:1");
    talk.says<packet_type::work_data>(0, "H:2", "it runs");
    talk.core->line(0, "OK");
    talk.core->line(0, "OK");
    talk.core->line(0, "OK 1.1.20");
    talk.core->cancel(second);
    EXPECT_EQ(version, "OK 1.1.20\n");
    EXPECT_THAT(talk.told(first), ElementsAre("created H:1", "failed"));
    EXPECT_THAT(talk.told(second), ElementsAre("created H:2", "data it runs", "cancelled"));
    EXPECT_THAT(talk.hears(), testing::IsEmpty());
}

TEST(client_cancel, a_job_that_waits_for_a_server_is_withdrawn_without_a_word) {
    client_script talk;
    auto request = job();
    request.withdraw = true;
    talk.core->cancel(talk.submit(request));
    talk.accept();
    EXPECT_THAT(talk.hears(), testing::IsEmpty());
    talk.expect_every_call_ended_once();
}

TEST(client_cancel, a_call_that_is_cancelled_before_its_handle_is_known_does_not_shift_the_answers) {
    client_script talk;
    const auto gone = talk.submit(job());
    const auto call = talk.submit(job());
    talk.accept();
    talk.core->cancel(gone);
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_complete>(0, "H:1", "nobody's");
    talk.says<packet_type::work_complete>(0, "H:2", "mine");
    EXPECT_THAT(talk.told(gone), ElementsAre("cancelled"));
    EXPECT_THAT(talk.told(call), ElementsAre("created H:2", "complete mine"));
}

TEST(client_cancel, a_call_that_waits_for_a_server_is_never_sent) {
    client_script talk;
    const auto gone = talk.submit(job("gone"));
    talk.submit(job("stays"));
    talk.core->cancel(gone);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||stays"));
}

TEST(client_cancel, a_call_that_has_ended_cannot_be_cancelled) {
    client_script talk;
    const auto call = talk.submit(job());
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    talk.says<packet_type::work_complete>(0, "H:1", "out");
    talk.core->cancel(call);
    talk.expect_every_call_ended_once();
}

TEST(client_cancel, shutting_down_ends_calls_in_every_stage) {
    client_script talk(2);
    const auto created = talk.submit(job("1"));
    talk.accept();
    talk.says<packet_type::job_created>(0, "H:1");
    const auto submitted = talk.submit(job("2"));
    talk.cut(0);  // both ended; a third waits for the other server
    const auto waiting = talk.submit(job("3"));
    talk.core->shut_down();
    const auto afterwards = talk.submit(job("4"));
    EXPECT_THAT(talk.told(created), ElementsAre("created H:1", "connection_lost"));
    EXPECT_THAT(talk.told(submitted), ElementsAre("connection_lost"));
    EXPECT_THAT(talk.told(waiting), ElementsAre("shutting_down"));
    EXPECT_THAT(talk.told(afterwards), ElementsAre("shutting_down"));
    talk.expect_every_call_ended_once();
}

}  // namespace
}  // namespace sheaf::test
