// How background jobs end: with a result that is kept, after more attempts, or as dead letters.
#include <gmock/gmock.h>

#include "broker/job_terms.hpp"
#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

broker::options with_attempts(std::uint32_t attempts) {
    broker::options how;
    how.background_attempts = attempts;
    return how;
}

// A job of "f", stored, with a worker that has it.
struct running_job {
    explicit running_job(broker::options how = {}, std::string_view terms = {}) : talk(std::move(how)) {
        if (terms.empty()) {
            client.says<submit_job_bg>("f", "key", "data");
        } else {
            client.says<submit_job_bg>("sheaf.enqueue", "key", "function f\n" + std::string(terms) + "\ndata");
        }
        talk.stores(1);
        worker.says<set_client_id>("w1").says<grab_job>();
        (void)worker.hears();
        (void)client.hears();
    }

    conversation talk;
    conversation::participant client = talk.peer();
    conversation::participant worker = talk.worker("f");
};

/// A background job whose worker has had it for longer than it said that it would take.
struct overdue_job {
    explicit overdue_job(broker::options how = {}) : talk(std::move(how)) {
        slow.says<can_do_timeout>("f", "1000");
        client.says<submit_job_bg>("f", "", "data");
        talk.stores(1);
        slow.says<grab_job>();
        EXPECT_THAT(slow.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));
        talk.passes(std::chrono::seconds(1));
    }

    conversation talk;
    conversation::participant client = talk.peer();
    conversation::participant slow = talk.peer();
};

TEST(ends, the_result_of_a_background_job_is_kept_for_as_long_as_the_server_says) {
    running_job one;
    one.worker.says<work_complete>("H:1", "done");
    ASSERT_THAT(one.talk.effects().completed, SizeIs(1));
    const auto& [job, result] = one.talk.effects().completed[0];
    EXPECT_EQ(job.function + ',' + job.unique, "f,key");
    EXPECT_EQ(result.data.view(), "done");
    EXPECT_EQ(result.expires, one.talk.now().wall + 24h);
}

TEST(ends, a_result_is_kept_as_its_submitter_said_and_not_at_all_when_too_large) {
    running_job brief({}, "keep 60\n");
    brief.worker.says<work_complete>("H:1", "done");
    EXPECT_EQ(brief.talk.effects().completed.at(0).result.expires, brief.talk.now().wall + 60s);

    running_job none({}, "keep 0\n");
    none.worker.says<work_complete>("H:1", "done");
    EXPECT_THAT(none.talk.effects().completed, IsEmpty());
    EXPECT_THAT(none.talk.effects().forgotten, ElementsAre(1));

    broker::options narrow;
    narrow.result_bytes_max = 3;
    running_job large(narrow);
    large.worker.says<work_complete>("H:1", "done");
    EXPECT_EQ(large.talk.effects().completed.at(0).result.bytes, 4U);
    EXPECT_TRUE(large.talk.effects().completed.at(0).result.data.empty());
}

TEST(ends, a_foreground_job_leaves_nothing) {
    conversation talk;
    auto client = talk.peer();
    auto worker = talk.worker("f");
    client.says<submit_job>("f", "", "data");
    worker.says<grab_job>().says<work_fail>("H:1");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    EXPECT_THAT(talk.effects().buried, IsEmpty());
    EXPECT_THAT(talk.effects().completed, IsEmpty());
}

TEST(ends, a_job_that_fails_is_a_dead_letter_with_what_is_known_of_it) {
    running_job one;
    one.worker.says<work_warning>("H:1", "no such file").says<work_exception>("H:1", "ENOENT");
    ASSERT_THAT(one.talk.effects().buried, SizeIs(1));
    const auto& letter = one.talk.effects().buried[0];
    EXPECT_EQ(letter.job.payload.view(), "data");
    EXPECT_EQ(letter.job.attempts, 1U);
    EXPECT_THAT(letter.reason, HasSubstr("exception"));
    EXPECT_EQ(letter.worker, "w1 at 127.0.0.1");
    EXPECT_EQ(letter.log, "no such file\n");
    EXPECT_EQ(letter.exception, "ENOENT");
}

TEST(ends, a_job_with_attempts_left_is_tried_again_after_longer_and_longer_pauses_and_nobody_is_told) {
    running_job one({}, "attempts 3\nbackoff 1000 10 60000\n");
    auto waiting = one.talk.peer();
    waiting.says<submit_job>("f", "key", "data");
    EXPECT_THAT(waiting.hears(), ElementsAre("JOB_CREATED H:1"));

    one.worker.says<work_fail>("H:1").says<grab_job>();
    EXPECT_THAT(one.worker.hears(), ElementsAre("NO_JOB")) << "it waits";
    ASSERT_THAT(one.talk.effects().rescheduled, SizeIs(1));
    const auto first = one.talk.effects().rescheduled[0].run_at - one.talk.now().wall;
    EXPECT_GE(first, 800ms);
    EXPECT_LE(first, 1200ms);
    one.talk.passes(1200ms);
    one.worker.says<grab_job>();
    EXPECT_THAT(one.worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));

    one.worker.says<work_exception>("H:1", "again");
    const auto second = one.talk.effects().rescheduled.at(1).run_at - one.talk.now().wall;
    EXPECT_GE(second, 8s);
    EXPECT_LE(second, 12s);
    EXPECT_THAT(waiting.hears(), IsEmpty());
    one.talk.passes(12s);
    one.worker.says<grab_job>().says<work_fail>("H:1");
    EXPECT_THAT(waiting.hears(), ElementsAre("WORK_FAIL H:1"));
    EXPECT_EQ(one.talk.effects().buried.at(0).job.attempts, 3U);
}

TEST(ends, no_pause_stays_no_pause_however_often_a_job_is_tried) {
    const broker::backoff none{.first = 0ms, .factor = 2, .most = 60s};
    EXPECT_EQ(broker::pause_before_next(none, 5000, broker::job_id{1}), 0ms);
    const broker::backoff some{.first = 1ms, .factor = 2, .most = 60s};
    EXPECT_LE(broker::pause_before_next(some, 5000, broker::job_id{1}), 72s);
}

TEST(ends, jobs_whose_submitters_did_not_say_are_tried_as_often_as_the_server_says) {
    running_job one(with_attempts(2));
    one.worker.says<work_fail>("H:1");
    EXPECT_THAT(one.talk.effects().buried, IsEmpty());
    one.talk.passes(2s);
    one.worker.says<grab_job>().says<work_fail>("H:1");
    EXPECT_THAT(one.talk.effects().buried, SizeIs(1));
}

TEST(ends, a_job_that_took_too_long_is_tried_elsewhere_and_its_slow_worker_changes_nothing) {
    overdue_job one(with_attempts(2));
    ASSERT_THAT(one.talk.effects().rescheduled, SizeIs(1));
    one.talk.passes(2s);
    auto quick = one.talk.worker("f");
    quick.says<grab_job>();
    EXPECT_THAT(quick.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));

    one.slow.says<work_status>("H:1", "1", "2").says<work_complete>("H:1", "late");
    EXPECT_THAT(one.slow.hears(), IsEmpty());
    EXPECT_THAT(one.talk.effects().completed, IsEmpty());
    quick.says<work_complete>("H:1", "in time");
    EXPECT_EQ(one.talk.effects().completed.at(0).result.data.view(), "in time");
    one.slow.says<work_complete>("H:1", "twice");
    EXPECT_THAT(one.slow.hears(), SizeIs(1)) << "now it knows nothing of the job";
    EXPECT_EQ(one.talk.core().count().running, 0U);
}

TEST(ends, a_job_that_took_too_long_for_the_last_time_is_a_dead_letter) {
    overdue_job one;
    ASSERT_THAT(one.talk.effects().buried, SizeIs(1));
    EXPECT_THAT(one.talk.effects().buried[0].reason, HasSubstr("longer"));
}

TEST(ends, a_job_whose_result_is_too_large_is_a_dead_letter_that_says_so) {
    broker::options narrow;
    narrow.job_bytes_max = 1000;
    running_job one(narrow);
    auto curious = one.talk.peer();
    curious.says<option_req>("exceptions").says<submit_job>("f", "key", "data");
    auto plain = one.talk.peer();
    plain.says<submit_job>("f", "key", "data");
    one.worker.says_too_much(work_complete, "H:1", 1004);
    ASSERT_THAT(one.talk.effects().buried, SizeIs(1));
    const std::string why =
        "its worker sent a result of 1004 bytes, and the server's limit is 1000 (see --payload-max)";
    EXPECT_EQ(one.talk.effects().buried[0].reason, why);
    EXPECT_EQ(one.talk.effects().buried[0].job.attempts, 1U);
    EXPECT_EQ(curious.hears().back(), "WORK_EXCEPTION H:1|" + why);
    EXPECT_EQ(plain.hears().back(), "WORK_FAIL H:1");
    EXPECT_EQ(one.talk.core().count().running, 0U);
    EXPECT_THAT(one.worker.hears(), IsEmpty());
}

TEST(ends, a_job_whose_result_is_too_large_is_tried_again_while_it_has_attempts_left) {
    running_job one(with_attempts(2));
    one.worker.says_too_much(work_exception, "H:1", 1U << 30).says<work_fail>("H:1");
    EXPECT_THAT(one.worker.hears(), IsEmpty()) << "the failure that some workers report behind an exception";
    EXPECT_THAT(one.talk.effects().rescheduled, SizeIs(1));
    EXPECT_THAT(one.talk.effects().buried, IsEmpty());
}

TEST(ends, a_piece_of_data_that_is_too_large_fails_the_job_and_its_worker_goes_on_in_vain) {
    running_job one;
    auto other = one.talk.peer();
    other.says<submit_job>("f", "", "more");
    one.worker.says<grab_job>();
    (void)one.worker.hears();
    one.worker.says_too_much(work_data, "H:1", 1U << 30).says_too_much(work_warning, "H:1", 1U << 30);
    EXPECT_THAT(one.talk.effects().buried, SizeIs(1));
    one.worker.says<work_data>("H:1", "more").says_too_much(work_complete, "H:1", 1U << 30);
    EXPECT_THAT(one.worker.hears(), IsEmpty());
    one.worker.says_too_much(work_complete, "H:1", 1U << 30);
    EXPECT_THAT(one.worker.hears(), ElementsAre(HasSubstr("JOB_NOT_FOUND"))) << "it has ended by now";
    one.worker.says<work_complete>("H:2", "done");
    EXPECT_THAT(other.hears(), ElementsAre("JOB_CREATED H:2", "WORK_COMPLETE H:2|done")) << "it was not concerned";
}

TEST(ends, a_job_that_lost_too_many_workers_is_a_dead_letter_and_each_loss_is_noted) {
    broker::options how;
    how.job_retries = 2;
    conversation talk(how);
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "", "data");
    talk.stores(1);
    for (int i = 0; i < 2; ++i) {
        auto worker = talk.worker("f");
        worker.says<grab_job>();
        worker.leaves();
    }
    EXPECT_EQ(talk.effects().rescheduled.at(0).losses, 1U);
    ASSERT_THAT(talk.effects().buried, SizeIs(1));
    EXPECT_EQ(talk.effects().buried[0].reason, "it lost 2 workers");
    EXPECT_EQ(talk.effects().buried[0].worker, "127.0.0.1");
    EXPECT_EQ(talk.effects().buried[0].job.attempts, 0U) << "a lost worker is no attempt";
}

TEST(ends, a_job_whose_worker_the_ending_server_cuts_off_has_lost_nothing) {
    broker::options how;
    how.job_retries = 1;
    running_job one(how);
    one.talk.core().begin_end();
    one.worker.leaves();
    EXPECT_THAT(one.talk.effects().buried, IsEmpty());
    EXPECT_THAT(one.talk.effects().rescheduled, IsEmpty());
    EXPECT_THAT(one.talk.effects().forgotten, IsEmpty()) << "the next start has it as it was";
}

TEST(ends, a_job_whose_worker_says_that_it_leaves_has_lost_nothing) {
    broker::options how;
    how.job_retries = 1;
    running_job one(how);
    one.worker.says<option_req>("leaving");
    EXPECT_THAT(one.worker.hears(), ElementsAre("OPTION_RES leaving"));
    one.worker.leaves();
    EXPECT_THAT(one.talk.effects().buried, IsEmpty());
    EXPECT_THAT(one.talk.effects().rescheduled, IsEmpty());
    auto next = one.talk.worker("f");
    next.says<grab_job>();
    EXPECT_THAT(next.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));
    next.leaves();
    EXPECT_THAT(one.talk.effects().buried, SizeIs(1)) << "this one said nothing";
}

TEST(ends, a_dead_letter_is_tried_again_while_its_slow_worker_still_has_the_job) {
    overdue_job one;
    ASSERT_THAT(one.talk.effects().buried, SizeIs(1));
    EXPECT_TRUE(one.talk.core().revive(one.talk.effects().buried[0].job, one.talk.now()));
    one.talk.stores(1);
    auto quick = one.talk.worker("f");
    quick.says<grab_job>();
    EXPECT_THAT(quick.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));
    one.slow.says<work_complete>("H:1", "late");
    EXPECT_THAT(one.slow.hears(), IsEmpty());
    quick.says<work_complete>("H:1", "in time");
    EXPECT_EQ(one.talk.effects().completed.at(0).result.data.view(), "in time");
}

broker::job_record letter(std::uint64_t id, std::string unique = {}) {
    return {.id = broker::job_id{id},
            .function = "f",
            .unique = std::move(unique),
            .reducer = {},
            .payload = shared_bytes("data")};
}

TEST(ends, a_dead_letter_that_is_tried_again_joins_the_end_of_its_queue_when_the_store_has_it) {
    conversation talk(broker::options{.first_job = broker::job_id{10}});
    auto client = talk.peer();
    client.says<submit_job>("f", "", "first");
    EXPECT_TRUE(talk.core().revive(letter(3), talk.now()));
    EXPECT_TRUE(talk.core().revive(letter(2), talk.now()));
    EXPECT_TRUE(talk.core().revive(letter(1), talk.now()));
    client.says<submit_job>("f", "", "second");
    auto worker = talk.worker("f");
    talk.stores(2);
    talk.stores(3);
    talk.fails_to_store(1, "its letter is gone");
    for (int i = 0; i < 5; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:10|f|first", "JOB_ASSIGN H:11|f|second",
                                            "JOB_ASSIGN H:2|f|data", "JOB_ASSIGN H:3|f|data", "NO_JOB"));
}

TEST(ends, a_dead_letter_stays_one_while_a_job_has_its_key_and_is_the_job_with_that_key_from_then_on) {
    conversation talk(broker::options{.first_job = broker::job_id{10}});
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "data").says<submit_job>("f", "-", "data");
    EXPECT_FALSE(talk.core().revive(letter(1, "key"), talk.now()));
    EXPECT_FALSE(talk.core().revive(letter(1, "-"), talk.now()));
    EXPECT_FALSE(talk.core().revive(letter(10), talk.now())) << "itself";
    auto worker = talk.worker("f");
    worker.says<grab_job>().says<work_complete>("H:10", "");
    (void)client.hears();
    EXPECT_TRUE(talk.core().revive(letter(1, "key"), talk.now()));
    EXPECT_FALSE(talk.core().revive(letter(2, "key"), talk.now())) << "another letter with that key";
    client.says<submit_job_bg>("f", "key", "data");
    EXPECT_THAT(client.hears(), IsEmpty()) << "the store does not have it yet";
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
}

TEST(ends, attempts_losses_and_terms_are_as_they_were_after_a_restart) {
    conversation talk;
    talk.core().restore({.id = broker::job_id{5},
                         .function = "f",
                         .unique = {},
                         .reducer = {},
                         .payload = shared_bytes("data"),
                         .attempts = 1,
                         .losses = 4,
                         .terms = "attempts 3\nbackoff 10 1 10\n"},
                        talk.now());
    auto worker = talk.worker("f");
    worker.says<grab_job>().says<work_fail>("H:5");
    ASSERT_THAT(talk.effects().rescheduled, SizeIs(1));
    EXPECT_EQ(talk.effects().rescheduled[0].attempts, 2U);
    EXPECT_EQ(talk.effects().rescheduled[0].losses, 4U);
    EXPECT_THAT(talk.effects().rescheduled[0].terms, AllOf(HasSubstr("attempts 3\n"), HasSubstr("backoff 10 ")));
    talk.passes(12ms);
    worker.says<grab_job>().says<work_fail>("H:5");
    EXPECT_EQ(talk.effects().buried.at(0).job.attempts, 3U);
}

TEST(ends, a_retry_whose_job_the_store_then_refuses_is_gone) {
    conversation talk(with_attempts(5));
    auto client = talk.peer();
    auto joiner = talk.peer();
    auto worker = talk.worker("f");
    client.says<submit_job>("f", "key", "data");
    worker.says<grab_job>();
    joiner.says<submit_job_bg>("f", "key", "data");
    worker.says<work_fail>("H:1");
    client.leaves();
    talk.fails_to_store(1, "disk full");
    EXPECT_THAT(joiner.hears(), ElementsAre("ERROR QUEUE_ERROR|disk full"));
    EXPECT_EQ(talk.core().count().queued, 0U);
}

}  // namespace
}  // namespace sheaf::test
