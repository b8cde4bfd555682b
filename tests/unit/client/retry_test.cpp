// Jobs that are submitted again: after what, how often, when, and what becomes of tries that were given up.
#include "client_script.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

job_request retried(std::uint32_t retries) {
    auto request = job();
    request.retries = retries;
    return request;
}

/// A client with one server, which has taken a job under the handle H:1.
struct taken_job : client_script {
    explicit taken_job(const job_request& request, std::size_t servers = 1) : client_script(servers) {
        call = submit(request);
        accept();
        (void)hears();
        says<packet_type::job_created>(0, "H:1");
        (void)told(call);
    }
    std::uint64_t call = 0;
};

TEST(client_retry, a_job_that_fails_is_submitted_again_until_its_retries_are_used) {
    taken_job talk(retried(2));
    talk.says<packet_type::work_data>(0, "H:1", "half");
    talk.says<packet_type::work_fail>(0, "H:1");
    EXPECT_THAT(talk.told(talk.call), ElementsAre("data half", "retry 1 after failed"));
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_exception>(0, "H:2", "boom");
    EXPECT_THAT(talk.told(talk.call), ElementsAre("created H:2", "retry 2 after exception boom"));
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
    talk.says<packet_type::job_created>(0, "H:3");
    talk.says<packet_type::work_fail>(0, "H:3");
    EXPECT_THAT(talk.told(talk.call), ElementsAre("created H:3", "failed"));
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.expect_every_call_ended_once();
}

TEST(client_retry, a_pause_comes_before_each_retry_and_the_deadline_ends_it) {
    auto request = retried(9);
    request.retry_pause = 100ms;
    client_script clock;
    request.deadline = clock.now + 250ms;
    taken_job talk(request);
    talk.says<packet_type::work_fail>(0, "H:1");
    talk.passes(99ms);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
    talk.passes(100ms);
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_fail>(0, "H:2");
    talk.passes(100ms);
    EXPECT_THAT(talk.told(talk.call),
                ElementsAre("retry 1 after failed", "created H:2", "retry 2 after failed", "timeout"));
    EXPECT_THAT(talk.hears(), IsEmpty());
    EXPECT_EQ(talk.core->open_calls(), 0U);
}

TEST(client_retry, a_full_queue_is_tried_again_and_a_job_that_is_too_large_is_not) {
    client_script talk;
    const auto full = talk.submit(retried(1));
    const auto large = talk.submit(retried(1));
    talk.accept();
    (void)talk.hears();
    talk.says<packet_type::error>(0, "QUEUE_ERROR", "Job queue is full");
    talk.says<packet_type::error>(0, "ARGUMENT_TOO_LARGE", "");
    EXPECT_THAT(talk.told(full), ElementsAre("retry 1 after queue_full"));
    EXPECT_THAT(talk.told(large), ElementsAre("too_large"));
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
}

TEST(client_retry, a_lost_connection_costs_a_retry_unless_the_job_may_be_submitted_again_anyway) {
    auto free = retried(1);
    free.resubmit = true;
    for (const auto& request : {retried(1), free}) {
        taken_job talk(request, 2);
        talk.cut();
        talk.accept(1);
        EXPECT_THAT(talk.hears(1), ElementsAre("SUBMIT_JOB f||in"));
        talk.says<packet_type::job_created>(1, "H:2");
        const auto told = talk.told(talk.call);
        if (request.resubmit) {
            EXPECT_THAT(told, ElementsAre("created H:2"));
        } else {
            EXPECT_THAT(told, ElementsAre("retry 1 after connection_lost", "created H:2"));
        }
        talk.says<packet_type::work_fail>(1, "H:2");
        EXPECT_EQ(talk.listener->ends[talk.call], request.resubmit ? 0 : 1);
    }
}

TEST(client_retry, a_try_that_takes_too_long_is_left_and_what_it_says_later_counts_no_more) {
    auto request = retried(1);
    request.try_timeout = 1s;
    taken_job talk(request);
    talk.passes(999ms);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(talk.told(talk.call), ElementsAre("retry 1 after timeout"));
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
    talk.says<packet_type::work_complete>(0, "H:1", "late");
    talk.says<packet_type::job_created>(0, "H:2");
    EXPECT_THAT(talk.told(talk.call), ElementsAre("created H:2"));
    talk.passes(1s);
    EXPECT_THAT(talk.told(talk.call), ElementsAre("timeout"));
    EXPECT_THAT(talk.listener->last_message, HasSubstr("within the 1000 ms of a try"));
}

TEST(client_retry, a_try_that_is_left_before_it_has_a_handle_does_not_shift_the_answers) {
    auto request = retried(1);
    request.try_timeout = 1s;
    request.withdraw = true;
    client_script talk;
    const auto call = talk.submit(request);
    talk.accept();
    (void)talk.hears();
    talk.passes(1s);
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f||in"));
    talk.says<packet_type::job_created>(0, "H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("cancel job H:1"));
    talk.says<packet_type::job_created>(0, "H:2");
    talk.says<packet_type::work_fail>(0, "H:1");
    talk.says<packet_type::work_complete>(0, "H:2", "out");
    EXPECT_THAT(talk.told(call), ElementsAre("retry 1 after timeout", "created H:2", "complete out"));
}

TEST(client_retry, calls_that_share_a_job_share_the_next_one_too) {
    auto request = retried(1);
    request.unique = "u";
    client_script talk;
    const auto first = talk.submit(request);
    const auto second = talk.submit(request);
    talk.accept();
    (void)talk.hears();
    for (int i = 0; i < 2; ++i) talk.says<packet_type::job_created>(0, "H:1");
    for (int i = 0; i < 2; ++i) talk.says<packet_type::work_fail>(0, "H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("SUBMIT_JOB f|u|in", "SUBMIT_JOB f|u|in"));
    for (int i = 0; i < 2; ++i) talk.says<packet_type::job_created>(0, "H:2");
    for (int i = 0; i < 2; ++i) talk.says<packet_type::work_complete>(0, "H:2", "out");
    for (const auto call : {first, second}) {
        EXPECT_THAT(talk.told(call), ElementsAre("created H:1", "retry 1 after failed", "created H:2", "complete out"));
    }
}

TEST(client_retry, a_job_that_rests_can_be_cancelled_and_is_ended_with_its_client) {
    auto request = retried(1);
    request.retry_pause = 1s;
    client_script talk;
    const auto cancelled = talk.submit(request);
    const auto ended = talk.submit(request);
    talk.accept();
    (void)talk.hears();
    for (const char* handle : {"H:1", "H:2"}) talk.says<packet_type::job_created>(0, handle);
    for (const char* handle : {"H:1", "H:2"}) talk.says<packet_type::work_fail>(0, handle);
    talk.core->cancel(cancelled);
    talk.core->shut_down();
    EXPECT_THAT(talk.told(cancelled), ElementsAre("created H:1", "retry 1 after failed", "cancelled"));
    EXPECT_THAT(talk.told(ended), ElementsAre("created H:2", "retry 1 after failed", "shutting_down"));
    talk.passes(10s);
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.expect_every_call_ended_once();
}

}  // namespace
}  // namespace sheaf::test
