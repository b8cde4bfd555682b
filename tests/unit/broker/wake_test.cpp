// Sleeping workers: one is woken for each runnable job, another when it does not come, and never none.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(wake, a_worker_that_wants_to_sleep_beside_a_runnable_job_is_told_at_once) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(worker.hears(), IsEmpty());  // it has not slept
    worker.says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST(wake, each_runnable_job_wakes_one_sleeping_worker_the_one_that_slept_longest) {
    conversation talk;
    auto first = talk.worker("f");
    auto second = talk.worker("f");
    auto third = talk.worker("f");
    auto client = talk.peer();
    for (auto* worker : {&second, &first, &third}) worker->says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(second.hears(), ElementsAre("NOOP"));
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(first.hears(), ElementsAre("NOOP"));
    EXPECT_THAT(second.hears(), IsEmpty());
    EXPECT_THAT(third.hears(), IsEmpty());
}

TEST(wake, another_worker_is_woken_when_the_first_does_not_grab_in_time) {
    conversation talk({.wakeup_patience = 100ms});
    auto slow = talk.worker("f");
    auto next = talk.worker("f");
    auto client = talk.peer();
    slow.says<pre_sleep>();
    next.says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 100ms);
    talk.passes(99ms);
    EXPECT_THAT(next.hears(), IsEmpty());
    talk.passes(1ms);
    EXPECT_THAT(next.hears(), ElementsAre("NOOP"));
    talk.passes(100ms);
    EXPECT_EQ(talk.core().next_deadline(), std::nullopt);
    EXPECT_THAT(slow.hears(), ElementsAre("NOOP"));
    slow.says<pre_sleep>();
    EXPECT_THAT(slow.hears(), ElementsAre("NOOP"));
}

TEST(wake, another_worker_is_woken_when_the_first_leaves) {
    conversation talk;
    auto first = talk.worker("f");
    auto second = talk.worker("f");
    auto client = talk.peer();
    first.says<pre_sleep>();
    second.says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    first.leaves();
    EXPECT_THAT(second.hears(), ElementsAre("NOOP"));
}

TEST(wake, another_worker_is_woken_when_the_first_gives_up_the_function) {
    conversation talk;
    auto first = talk.worker("f", "g");
    auto second = talk.worker("f");
    auto client = talk.peer();
    first.says<pre_sleep>();
    second.says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(second.hears(), IsEmpty());
    first.says<cant_do>("f");
    EXPECT_THAT(second.hears(), ElementsAre("NOOP"));
}

TEST(wake, another_worker_is_woken_when_the_first_takes_a_more_urgent_job_of_another_function) {
    conversation talk;
    auto first = talk.worker("f", "g");
    auto second = talk.worker("f");
    auto client = talk.peer();
    first.says<pre_sleep>();
    second.says<pre_sleep>();
    client.says<submit_job>("f", "", "").says<submit_job_high>("g", "", "");
    EXPECT_THAT(second.hears(), IsEmpty());
    first.says<grab_job>();
    EXPECT_THAT(first.hears(), ElementsAre("NOOP", "JOB_ASSIGN H:2|g|"));
    EXPECT_THAT(second.hears(), ElementsAre("NOOP"));
}

TEST(wake, grabbing_the_job_wakes_nobody_else) {
    conversation talk;
    auto first = talk.worker("f");
    auto second = talk.worker("f");
    auto client = talk.peer();
    first.says<pre_sleep>();
    second.says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    first.says<grab_job>();
    talk.passes(1h);
    EXPECT_THAT(second.hears(), IsEmpty());
    EXPECT_EQ(talk.core().next_deadline(), std::nullopt);
}

TEST(wake, a_sleeping_worker_that_learns_a_function_with_a_runnable_job_is_woken) {
    conversation talk;
    auto worker = talk.worker("g");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    worker.says<pre_sleep>();
    EXPECT_THAT(worker.hears(), IsEmpty());
    worker.says<can_do>("f");
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST(wake, a_job_that_comes_back_from_a_lost_worker_wakes_another) {
    conversation talk;
    auto lost = talk.worker("f");
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    lost.says<grab_job>();
    worker.says<pre_sleep>();
    EXPECT_THAT(worker.hears(), IsEmpty());
    lost.leaves();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST(wake, all_sleepers_are_woken_when_the_operator_wants_that) {
    conversation talk({.worker_wakeup = 0});
    auto first = talk.worker("f");
    auto second = talk.worker("f");
    auto client = talk.peer();
    first.says<pre_sleep>();
    second.says<pre_sleep>();
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(first.hears(), ElementsAre("NOOP"));
    EXPECT_THAT(second.hears(), ElementsAre("NOOP"));
}

// ---- Open grabs.

TEST(open_grab, the_next_job_goes_to_it_at_once) {
    conversation talk;
    auto sleeper = talk.worker("f");
    auto worker = talk.worker("f");
    auto client = talk.peer();
    sleeper.says<pre_sleep>();
    worker.says<all_yours>();
    EXPECT_THAT(worker.hears(), IsEmpty());
    client.says<submit_job>("f", "u", "in");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:1|f|u|in"));
    talk.passes(1h);
    EXPECT_THAT(sleeper.hears(), IsEmpty());
    client.says<submit_job>("f", "", "");  // it brings one job
    EXPECT_THAT(worker.hears(), IsEmpty());
    EXPECT_THAT(sleeper.hears(), ElementsAre("NOOP"));
}

TEST(open_grab, where_there_is_a_job_it_is_an_ordinary_grab) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "u", "in");
    worker.says<all_yours>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|u|in"));
}

TEST(open_grab, is_taken_back_by_pre_sleep_and_answered_once) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    worker.says<all_yours>().says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
    // The job was quicker.
    worker.says<grab_job>().says<all_yours>();
    (void)worker.hears();
    client.says<submit_job>("f", "", "");
    worker.says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:2|f||"));
}

TEST(open_grab, other_grabs_and_a_second_one_leave_it_open) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    worker.says<all_yours>().says<grab_job>().says<all_yours>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB", "NO_JOB"));
    client.says<submit_job>("f", "", "");
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:1|f||"));
}

TEST(open_grab, a_worker_without_a_job_comes_first_and_of_them_the_one_that_was_busy_last) {
    conversation talk;
    auto busy = talk.worker("f");
    auto first = talk.worker("f");
    auto last = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "1", "");
    busy.says<all_yours>().says<all_yours>();  // it has two slots
    first.says<all_yours>();
    last.says<all_yours>();
    for (const auto* unique : {"2", "3", "4"}) client.says<submit_job>("f", unique, "");
    EXPECT_THAT(last.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:2|f|2|"));
    EXPECT_THAT(first.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:3|f|3|"));
    EXPECT_THAT(busy.hears(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|1|", "NOOP", "JOB_ASSIGN_UNIQ H:4|f|4|"));
}

TEST(open_grab, of_a_worker_whose_last_job_ends_it_comes_first_from_then_on) {
    conversation talk;
    auto worker = talk.worker("f");
    auto idle = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "1", "");
    worker.says<all_yours>().says<all_yours>();
    idle.says<all_yours>();
    worker.says<work_complete>("H:1", "");
    client.says<submit_job>("f", "2", "");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|1|", "NOOP", "JOB_ASSIGN_UNIQ H:2|f|2|"));
}

TEST(open_grab, follows_what_the_worker_can_do) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    worker.says<all_yours>();
    worker.says<cant_do>("f");
    client.says<submit_job>("f", "", "").says<submit_job>("g", "", "");
    EXPECT_THAT(worker.hears(), IsEmpty());
    worker.says<can_do>("g");
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:2|g||"));
}

TEST(open_grab, takes_a_job_for_which_another_worker_was_woken_and_lost) {
    conversation talk;
    auto lost = talk.worker("f");
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "");
    lost.says<grab_job>();
    worker.says<all_yours>();
    lost.leaves();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:1|f||"));
}

}  // namespace
}  // namespace sheaf::test
