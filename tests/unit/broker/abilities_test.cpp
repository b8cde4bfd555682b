// Workers: what they offer, which job they are given, and what happens to it when they cannot go on.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(abilities, a_worker_gets_only_jobs_of_functions_that_it_offers) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("g", "", "");
    worker.says<grab_job>().says<can_do>("g").says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB", "JOB_ASSIGN H:1|g|"));
}

TEST(abilities, priority_counts_over_all_functions_of_a_worker) {
    conversation talk;
    auto worker = talk.worker("f", "g", "h");
    auto client = talk.peer();
    client.says<submit_job_low>("f", "", "").says<submit_job>("g", "", "").says<submit_job_high>("h", "", "");
    client.says<submit_job_high>("f", "", "");
    for (int i = 0; i < 4; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(),
                ElementsAre("JOB_ASSIGN H:3|h|", "JOB_ASSIGN H:4|f|", "JOB_ASSIGN H:2|g|", "JOB_ASSIGN H:1|f|"));
}

TEST(abilities, functions_of_one_priority_take_turns_from_the_last_one_down_and_each_is_first_in_first_out) {
    conversation talk;
    auto worker = talk.worker("f", "g");
    auto client = talk.peer();
    for (const auto* data : {"1", "2", "3"}) client.says<submit_job>("f", "", data);
    for (const auto* data : {"4", "5"}) client.says<submit_job>("g", "", data);
    for (int i = 0; i < 5; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:4|g|4", "JOB_ASSIGN H:1|f|1", "JOB_ASSIGN H:5|g|5",
                                            "JOB_ASSIGN H:2|f|2", "JOB_ASSIGN H:3|f|3"));
}

TEST(abilities, saying_can_do_twice_counts_once) {
    conversation talk;
    auto worker = talk.worker("f", "f");
    auto client = talk.peer();
    client.asks("status");
    EXPECT_THAT(client.hears(), ElementsAre("f\t0\t0\t1", "."));
    worker.says<cant_do>("f").says<cant_do>("never heard of");
    client.asks("status");
    EXPECT_THAT(client.hears(), ElementsAre("f\t0\t0\t0", "."));
}

TEST(abilities, cant_do_gives_running_jobs_of_that_function_to_others_and_only_those) {
    conversation talk;
    auto worker = talk.worker("f", "g");
    auto other = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "").says<submit_job>("g", "", "");
    worker.says<grab_job>().says<grab_job>().says<cant_do>("f");
    other.says<grab_job>().says<work_complete>("H:1", "other");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:2|g|", "JOB_ASSIGN H:1|f|"));
    worker.says<work_complete>("H:1", "late").says<work_complete>("H:2", "mine");
    EXPECT_THAT(worker.hears(), ElementsAre("ERROR JOB_NOT_FOUND|Job given in work result not found"));
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2", "WORK_COMPLETE H:1|other", "WORK_COMPLETE H:2|mine"));
}

TEST(abilities, reset_abilities_gives_all_running_jobs_back) {
    conversation talk;
    auto worker = talk.worker("f", "g");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "").says<submit_job>("g", "", "");
    worker.says<grab_job>().says<grab_job>().says<reset_abilities>();
    client.asks("status");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2", "f\t1\t0\t0", "g\t1\t0\t0", "."));
    EXPECT_THAT(worker.says<can_do>("f").says<grab_job>().hears(),
                ElementsAre("JOB_ASSIGN H:2|g|", "JOB_ASSIGN H:1|f|", "JOB_ASSIGN H:1|f|"));
}

TEST(abilities, a_job_of_a_lost_worker_goes_to_the_tail_and_its_status_starts_over) {
    conversation talk;
    auto lost = talk.worker("f");
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "1").says<submit_job>("f", "", "2");
    lost.says<grab_job>().says<work_status>("H:1", "5", "10");
    lost.leaves();
    client.says<get_status>("H:1").asks("show jobs");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2", "WORK_STATUS H:1|5|10",
                                            "STATUS_RES H:1|1|0|0|0", "H:1\t1\t0\t0", "H:2\t0\t0\t0", "."));
    worker.says<grab_job>().says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:2|f|2", "JOB_ASSIGN H:1|f|1"));
}

TEST(abilities, a_job_fails_when_its_workers_were_lost_too_often) {
    conversation talk({.job_retries = 2});
    auto client = talk.peer();
    client.says<submit_job>("f", "", "").says<submit_job_bg>("f", "", "");
    talk.stores(2);
    for (int attempt = 0; attempt < 2; ++attempt) {
        EXPECT_THAT(client.hears(), testing::Not(testing::Contains("WORK_FAIL H:1")));
        auto lost = talk.worker("f");
        lost.says<grab_job>().says<grab_job>();
        lost.leaves();
    }
    EXPECT_THAT(client.hears(), ElementsAre("WORK_FAIL H:1"));
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(2));
    EXPECT_EQ(talk.core().count().queued, 0U);
}

TEST(abilities, without_retries_the_first_loss_fails_the_job_and_so_it_does_when_there_may_be_one_loss) {
    for (const int allowed : {0, 1}) {
        conversation talk({.job_retries = allowed});
        auto worker = talk.worker("f");
        auto client = talk.peer();
        client.says<submit_job>("f", "", "");
        worker.says<grab_job>();
        worker.leaves();
        EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1")) << allowed;
    }
}

TEST(abilities, a_job_that_takes_longer_than_can_do_timeout_allows_fails_and_its_late_result_is_dropped) {
    conversation talk;
    auto worker = talk.peer();
    auto client = talk.peer();
    worker.says<can_do_timeout>("f", "2000");
    client.says<submit_job>("f", "key", "").says<submit_job_bg>("f", "", "");
    talk.stores(2);
    worker.says<grab_job>().says<grab_job>();
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 2s);
    talk.passes(1999ms);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2"));
    talk.passes(1ms);
    EXPECT_THAT(client.hears(), ElementsAre("WORK_FAIL H:1"));
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(2));
    client.says<submit_job>("f", "key", "").says<get_status>("H:1");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:3", "STATUS_RES H:1|1|1|0|0"));
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|", "JOB_ASSIGN H:2|f|"));
    worker.says<work_data>("H:1", "late").says<work_complete>("H:1", "late").says<work_complete>("H:2", "late");
    EXPECT_THAT(worker.hears(), IsEmpty());
    EXPECT_THAT(client.hears(), IsEmpty());
    EXPECT_TRUE(talk.core().idle());
}

TEST(abilities, time_outs_may_be_meant_in_seconds) {
    conversation talk({.timeout_unit = 1s});
    auto worker = talk.peer();
    auto client = talk.peer();
    worker.says<can_do_timeout>("f", "2");
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>();
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 2s);
    talk.passes(2s);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    worker.says<can_do_timeout>("f", "9223372036854775807");
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>();
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + std::chrono::hours(24 * 365)) << "a year at most";
}

TEST(abilities, time_outs_below_a_second_are_a_second_and_none_means_none) {
    conversation talk;
    auto worker = talk.peer();
    auto client = talk.peer();
    worker.says<can_do_timeout>("short", "1").says<can_do_timeout>("zero", "0").says<can_do_timeout>("minus", "-1");
    worker.says<can_do_timeout>("undone", "5000").says<can_do>("undone");
    for (const auto* function : {"zero", "minus", "undone"}) client.says<submit_job>(function, "", "");
    for (int i = 0; i < 3; ++i) worker.says<grab_job>();
    EXPECT_EQ(talk.core().next_deadline(), std::nullopt);
    client.says<submit_job>("short", "", "");
    worker.says<grab_job>();
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 1s);
    worker.says<work_complete>("H:4", "");
    EXPECT_EQ(talk.core().next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace sheaf::test
