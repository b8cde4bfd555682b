// Background jobs: nothing is acknowledged or handed out that the store does not have.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

TEST(durability, a_background_job_is_acknowledged_and_handed_out_only_when_it_is_stored) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    worker.says<pre_sleep>();
    client.says<submit_reduce_job_background>("f", "key", "sum", "", "data");
    ASSERT_THAT(talk.effects().persisted, SizeIs(1));
    const auto& record = talk.effects().persisted[0];
    EXPECT_EQ(record.id, broker::job_id{1});
    EXPECT_EQ(record.function + ',' + record.unique + ',' + record.reducer + ',' + std::string(record.payload.view()),
              "f,key,sum,data");
    EXPECT_THAT(client.hears(), IsEmpty());
    worker.says<grab_job>().says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST(durability, a_job_that_waited_for_the_store_runs_before_those_that_were_submitted_after_it) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "first").says<submit_job_bg>("f", "", "second").says<submit_job>("f", "", "third");
    client.says<submit_job_bg>("f", "", "fourth");
    talk.stores(4);
    talk.stores(2);
    for (int i = 0; i < 4; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|first", "JOB_ASSIGN H:2|f|second",
                                            "JOB_ASSIGN H:3|f|third", "JOB_ASSIGN H:4|f|fourth"));
}

TEST(durability, a_held_acknowledgement_holds_later_replies_of_its_connection_and_no_others) {
    conversation talk;
    auto client = talk.peer();
    auto other = talk.peer();
    client.says<submit_job_bg>("f", "", "").says<echo_req>("ping").says<submit_job>("f", "", "");
    client.says<submit_job_bg>("f", "", "").says<get_status>("H:1").asks("version");
    other.says<submit_job>("f", "", "").says<echo_req>("pong");
    EXPECT_THAT(client.hears(), IsEmpty());
    EXPECT_THAT(other.hears(), ElementsAre("JOB_CREATED H:4", "ECHO_RES pong"));
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "ECHO_RES ping", "JOB_CREATED H:2"));
    talk.stores(3);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:3", "STATUS_RES H:1|1|0|0|0", "OK 0.1.0"));
    client.says<echo_req>("again");
    EXPECT_THAT(client.hears(), ElementsAre("ECHO_RES again"));
}

TEST(durability, acknowledgements_keep_the_order_of_the_requests_whatever_order_the_store_answers_in) {
    conversation talk;
    auto client = talk.peer();
    for (int i = 0; i < 4; ++i) client.says<submit_job_bg>("f", "", "").says<echo_req>(std::to_string(i));
    talk.stores(3);
    talk.fails_to_store(2, "disk full");
    EXPECT_THAT(client.hears(), IsEmpty());
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "ECHO_RES 0", "ERROR QUEUE_ERROR|disk full",
                                            "ECHO_RES 1", "JOB_CREATED H:3", "ECHO_RES 2"));
    talk.stores(4);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:4", "ECHO_RES 3"));
}

TEST(durability, a_job_that_could_not_be_stored_is_gone) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "key", "");
    talk.fails_to_store(1, "disk full");
    EXPECT_THAT(client.hears(), ElementsAre("ERROR QUEUE_ERROR|disk full"));
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
    client.says<submit_job_bg>("f", "key", "");
    EXPECT_EQ(talk.effects().persisted.back().id, broker::job_id{2});
    talk.stores(2);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:2"));
}

TEST(durability, submissions_that_join_an_uncommitted_job_wait_for_its_commit) {
    conversation talk;
    auto first = talk.peer();
    auto second = talk.peer();
    auto third = talk.peer();
    first.says<submit_job_bg>("f", "key", "");
    second.says<submit_job_bg>("f", "key", "");
    third.says<submit_job>("f", "key", "");
    EXPECT_THAT(talk.effects().persisted, SizeIs(1));
    EXPECT_THAT(second.hears(), IsEmpty());
    EXPECT_THAT(third.hears(), IsEmpty());
    talk.stores(1);
    for (auto* peer : {&first, &second, &third}) EXPECT_THAT(peer->hears(), ElementsAre("JOB_CREATED H:1"));
}

TEST(durability, a_client_that_joined_a_job_is_served_even_when_the_store_refuses_the_background_submission) {
    conversation talk;
    auto worker = talk.worker("f");
    auto background = talk.peer();
    auto client = talk.peer();
    background.says<submit_job_bg>("f", "key", "");
    client.says<submit_job>("f", "key", "");
    talk.fails_to_store(1, "disk full");
    EXPECT_THAT(background.hears(), ElementsAre("ERROR QUEUE_ERROR|disk full"));
    worker.says<grab_job>().says<work_complete>("H:1", "done");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_COMPLETE H:1|done"));
    EXPECT_THAT(talk.effects().forgotten, IsEmpty());
}

TEST(durability, while_the_store_is_behind_no_background_job_is_handed_out_and_calls_go_on) {
    conversation talk;
    auto client = talk.peer();
    auto worker = talk.worker("f", "g");
    auto sleeper = talk.worker("f");
    client.says<submit_job_bg>("f", "", "later").says<submit_job_bg>("g", "", "later");
    talk.stores(1);
    talk.stores(2);
    talk.core().hold_background(true, talk.now());
    sleeper.says<pre_sleep>();
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
    EXPECT_THAT(sleeper.hears(), IsEmpty());
    client.says<submit_job>("f", "", "behind it").says<submit_job_high>("g", "", "before it");
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:4|g|before it"));
    EXPECT_THAT(sleeper.hears(), IsEmpty());
    talk.core().hold_background(false, talk.now());
    EXPECT_THAT(sleeper.hears(), ElementsAre("NOOP"));
    sleeper.says<grab_job>();
    EXPECT_THAT(sleeper.hears(), ElementsAre("JOB_ASSIGN H:1|f|later"));
}

TEST(durability, a_call_that_stood_behind_a_job_that_is_held_back_is_handed_out_when_that_is_cancelled) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "", "later");
    talk.stores(1);
    talk.core().hold_background(true, talk.now());
    auto worker = talk.worker("f");
    worker.says<pre_sleep>();
    client.says<submit_job>("f", "", "now");
    EXPECT_THAT(worker.hears(), IsEmpty());
    talk.peer().asks("cancel job H:1");
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST(durability, a_background_submission_makes_the_foreground_job_that_it_joins_durable) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    auto background = talk.peer();
    client.says<submit_job>("f", "key", "data");
    background.says<submit_job_bg>("f", "key", "data");
    ASSERT_THAT(talk.effects().persisted, SizeIs(1));
    EXPECT_EQ(talk.effects().persisted[0].id, broker::job_id{1});
    EXPECT_THAT(background.hears(), IsEmpty());
    talk.stores(1);
    EXPECT_THAT(background.hears(), ElementsAre("JOB_CREATED H:1"));
    client.leaves();
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|data"));
    worker.says<work_complete>("H:1", "");
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1));
}

TEST(durability, a_running_foreground_job_whose_upgrade_fails_goes_on_and_may_be_upgraded_again) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    auto background = talk.peer();
    client.says<submit_job>("f", "key", "");
    worker.says<grab_job>();
    background.says<submit_job_bg>("f", "key", "");
    talk.fails_to_store(1, "disk full");
    background.says<submit_job_bg>("f", "key", "");
    EXPECT_THAT(talk.effects().persisted, SizeIs(2));
    talk.stores(1);
    EXPECT_THAT(background.hears(), ElementsAre("ERROR QUEUE_ERROR|disk full", "JOB_CREATED H:1"));
    worker.says<work_complete>("H:1", "done");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_COMPLETE H:1|done"));
}

/// A foreground job that a background submission has joined while it runs, and that ends before the store has answered.
struct joined_job {
    explicit joined_job(const broker::options& how = {}) : talk(how) {
        client.says<submit_job>("f", "key", "");
        worker.says<grab_job>();
        (void)worker.hears();
        background.says<submit_job_bg>("f", "key", "");
    }
    void expect_unanswered() {
        EXPECT_THAT(background.hears(), IsEmpty()) << "nothing is on the disk";
        talk.core().check_invariants();
    }

    conversation talk;
    conversation::participant client = talk.peer();
    conversation::participant background = talk.peer();
    conversation::participant worker = talk.worker("f");
};

TEST(durability, a_job_that_is_completed_before_the_store_answers_is_acknowledged_when_it_does) {
    joined_job one;
    one.worker.says<work_complete>("H:1", "done");
    EXPECT_THAT(one.client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_COMPLETE H:1|done"));
    EXPECT_THAT(one.talk.effects().forgotten, ElementsAre(1));
    one.expect_unanswered();
    one.talk.stores(1);
    EXPECT_THAT(one.background.hears(), ElementsAre("JOB_CREATED H:1"));
    one.talk.fails_to_store(1, "too late");
    EXPECT_THAT(one.background.hears(), IsEmpty());
}

TEST(durability, a_job_that_fails_before_the_store_answers_is_acknowledged_when_it_does) {
    joined_job one;
    one.worker.says<work_fail>("H:1");
    EXPECT_THAT(one.client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    one.expect_unanswered();
    one.talk.stores(1);
    EXPECT_THAT(one.background.hears(), ElementsAre("JOB_CREATED H:1"));
}

TEST(durability, a_job_that_loses_its_worker_for_good_before_the_store_answers_is_acknowledged_when_it_does) {
    broker::options how;
    how.job_retries = 1;
    joined_job one{how};
    one.worker.leaves();
    one.expect_unanswered();
    one.talk.stores(1);
    EXPECT_THAT(one.background.hears(), ElementsAre("JOB_CREATED H:1"));
}

TEST(durability, a_submission_that_the_store_refuses_is_refused_although_the_job_that_it_joined_has_ended) {
    joined_job one;
    one.background.says<echo_req>("x");
    one.worker.says<work_complete>("H:1", "done");
    one.talk.fails_to_store(1, "disk full");
    EXPECT_THAT(one.background.hears(), ElementsAre("ERROR QUEUE_ERROR|disk full", "ECHO_RES x"));
}

TEST(durability, who_leaves_before_the_store_answers_for_an_ended_job_is_forgotten) {
    joined_job one;
    one.worker.says<work_complete>("H:1", "done");
    one.background.leaves();
    auto other = one.talk.peer();
    one.talk.stores(1);
    EXPECT_THAT(other.hears(), IsEmpty());
    one.talk.core().check_invariants();
}

TEST(durability, a_record_is_forgotten_when_its_job_ends_and_not_before) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    for (int i = 0; i < 4; ++i) client.says<submit_job_bg>("f", "", "");
    for (std::uint64_t job = 1; job <= 4; ++job) talk.stores(job);
    for (int i = 0; i < 3; ++i) worker.says<grab_job>();
    EXPECT_THAT(talk.effects().forgotten, IsEmpty());
    worker.says<work_complete>("H:1", "").says<work_fail>("H:2").says<work_exception>("H:3", "");
    client.asks("cancel job H:4");
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1, 2, 3, 4));
}

TEST(durability, a_background_job_runs_although_its_submitter_left_before_the_commit) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "", "a").says<submit_job_bg>("f", "", "b");
    client.leaves();
    talk.stores(1);
    talk.fails_to_store(2, "disk full");
    worker.says<grab_job>().says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|a", "NO_JOB"));
    EXPECT_THAT(client.hears(), IsEmpty());
}

TEST(durability, restored_jobs_keep_number_priority_time_and_key_and_new_ones_count_on) {
    conversation talk;
    const auto record = [](std::uint64_t id, std::string unique, protocol::priority p, broker::wall_time at) {
        return broker::job_record{broker::job_id{id}, "f", std::move(unique), "", p, at, shared_bytes("d")};
    };
    talk.core().restore(record(7, "key", protocol::priority::low, {}), talk.now());
    talk.core().restore(record(9, "", protocol::priority::high, {}), talk.now());
    talk.core().restore(record(8, "", protocol::priority::normal, talk.now().wall + 5s), talk.now());
    talk.core().restore(record(8, "", protocol::priority::normal, {}), talk.now());  // the same row twice
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "key", "").says<submit_job>("f", "", "new");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:7", "JOB_CREATED H:10"));
    for (int i = 0; i < 4; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(),
                ElementsAre("JOB_ASSIGN H:9|f|d", "JOB_ASSIGN H:10|f|new", "JOB_ASSIGN H:7|f|d", "NO_JOB"));
    talk.passes(5s);
    worker.says<grab_job>().says<work_complete>("H:8", "");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:8|f|d"));
    EXPECT_THAT(talk.effects().persisted, IsEmpty());
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(8));
}

}  // namespace
}  // namespace sheaf::test
