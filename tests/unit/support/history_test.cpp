// A history in which all is well, and one for each way in which a queue can break a promise: each must be found, and nothing else.
#include "support/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scratch_directory.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

MATCHER_P(violates, invariant, "") { return arg.invariant == invariant; }

class histories : public testing::Test {
  protected:
    event& add(std::chrono::milliseconds at, fact what, std::string who, std::string job) {
        all.push_back({.at = at, .what = what, .who = std::move(who), .job = std::move(job), .checksum = 7});
        all.back().wall = at;
        return all.back();
    }
    event& submit(std::chrono::milliseconds at, const std::string& job) {
        event& one = add(at, fact::submitted, "client", job);
        return one;
    }
    void acknowledge(std::chrono::milliseconds at, const std::string& job, std::string handle = {}) {
        add(at, fact::acknowledged, "client", job).handle = handle.empty() ? "H:" + job : std::move(handle);
    }
    event& begin(std::chrono::milliseconds at, const std::string& job, const std::string& who = "worker") {
        event& one = add(at, fact::begun, who, job);
        one.asked_at = at - 1ms;
        one.handle = "H:" + job;
        return one;
    }
    void end(std::chrono::milliseconds at, const std::string& job, const std::string& who = "worker") {
        add(at, fact::done, who, job);
        add(at + 1ms, fact::ended, who, job);
    }
    void fault(std::chrono::milliseconds at, const std::string& who = {}) { add(at, fact::fault, who, {}); }
    void ask(std::chrono::milliseconds at, fact answer, const std::string& handle) {
        event& one = add(at + 1ms, answer, "client", {});
        one.handle = handle;
        one.asked_at = at;
    }
    /// Submitted, acknowledged, executed and ended, in the ten milliseconds from `at`.
    void live(std::chrono::milliseconds at, const std::string& job) {
        submit(at, job);
        acknowledge(at + 1ms, job);
        begin(at + 3ms, job);
        end(at + 5ms, job);
    }
    history all;
};

TEST_F(histories, of_a_queue_that_keeps_its_promises_have_nothing_to_complain_of) {
    live(10ms, "a");
    submit(20ms, "refused");
    add(21ms, fact::refused, "client", "refused");
    submit(22ms, "unanswered");
    fault(23ms);
    live(30ms, "b");
    begin(31ms, "unanswered");
    end(32ms, "unanswered");
    add(40ms, fact::healed, {}, {});
    add(50ms, fact::drained, {}, {});
    EXPECT_THAT(check(all), IsEmpty());
    EXPECT_EQ(complaints(all), "");
    const summary sum = summarize(all);
    EXPECT_EQ(sum.submitted, 4U);
    EXPECT_EQ(sum.acknowledged, 2U);
    EXPECT_EQ(sum.executions, 3U);
    EXPECT_EQ(sum.faults, 1U);
    EXPECT_EQ(sum.in_flight, 1U) << "no submission after the end of a tells that it was on the disk";
}

TEST_F(histories, without_an_acknowledged_job_break_I1) {
    submit(10ms, "a");
    acknowledge(11ms, "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I1")));
    add(99ms, fact::dead, {}, {}).handle = "H:a";
    EXPECT_THAT(check(all), IsEmpty()) << "a dead letter is not lost";
}

TEST_F(histories, with_a_job_that_failed_and_is_no_dead_letter_break_I1) {
    submit(10ms, "a");
    acknowledge(11ms, "a");
    begin(12ms, "a");
    add(13ms, fact::failed, "worker", "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I1")));
    begin(14ms, "a");
    EXPECT_THAT(check(all), IsEmpty()) << "it was tried again";
    add(15ms, fact::failed, "worker", "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I1")));
    add(99ms, fact::dead, {}, {}).handle = "H:a";
    EXPECT_THAT(check(all), IsEmpty());
    EXPECT_EQ(summarize(all).again, 0U);
}

TEST_F(histories, with_one_job_of_two_that_share_a_handle_break_nothing) {
    submit(10ms, "a").unique = "key";
    acknowledge(11ms, "a", "H:1");
    submit(12ms, "b").unique = "key";
    acknowledge(13ms, "b", "H:1");
    begin(14ms, "a").handle = "H:1";
    end(15ms, "a");
    EXPECT_THAT(check(all), IsEmpty());
    submit(20ms, "unanswered").unique = "key";
    submit(22ms, "c").unique = "key";
    acknowledge(23ms, "c", "H:2");
    begin(24ms, "unanswered").handle = "H:2";
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, with_a_ghost_break_I2) {
    submit(10ms, "a");
    add(11ms, fact::refused, "client", "a");
    begin(12ms, "a");
    begin(13ms, "b");
    EXPECT_THAT(check(all), ElementsAre(violates("I2"), violates("I2")));
}

TEST_F(histories, in_which_a_job_runs_twice_break_I3_unless_a_fault_explains_it) {
    live(10ms, "a");
    begin(40ms, "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I3"))) << "no fault at all";
    fault(9ms);
    fault(18ms, "another worker");
    EXPECT_THAT(check(all), ElementsAre(violates("I3"))) << "before it began; of somebody else";
    fault(30ms);
    EXPECT_THAT(check(all), IsEmpty()) << "its end need not have been on the disk";
    live(20ms, "keyed");
    all[all.size() - 5].unique = "key";
    EXPECT_THAT(check(all), IsEmpty()) << "as little after another that may have been there";
    live(20ms, "b");
    EXPECT_THAT(check(all), ElementsAre(violates("I3"))) << "b was acknowledged, so the end of a was on the disk";
}

TEST_F(histories, with_a_fault_that_takes_a_while_count_all_of_it) {
    submit(10ms, "a");
    acknowledge(11ms, "a");
    begin(20ms, "a", "first");
    begin(30ms, "a", "second");
    event& stopped = add(40ms, fact::fault, "first", {});
    stopped.asked_at = 31ms;
    EXPECT_THAT(check(all), ElementsAre(violates("I3")));
    all.back().asked_at = 15ms;
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, in_which_a_lost_worker_runs_a_job_again_that_it_had_ended_break_I3) {
    live(10ms, "a");
    fault(17ms, "worker");
    begin(40ms, "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I3")));
}

TEST_F(histories, in_which_a_cut_off_worker_reads_a_job_late_need_a_fault_before_another_had_it) {
    live(10ms, "a");
    begin(40ms, "a", "slow reader").asked_at = 9ms;
    EXPECT_THAT(check(all), ElementsAre(violates("I3"))) << "no fault at all";
    fault(30ms, "slow reader");
    EXPECT_THAT(check(all), ElementsAre(violates("I3"))) << "the other had it while its connection was good";
    fault(11ms, "slow reader");
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, in_which_two_workers_hold_a_key_break_I4_unless_the_first_was_cut_off) {
    submit(10ms, "a").unique = "key";
    acknowledge(11ms, "a");
    begin(12ms, "a", "first");
    submit(13ms, "b").unique = "key";
    acknowledge(14ms, "b");
    begin(15ms, "b", "second");
    EXPECT_THAT(check(all), ElementsAre(violates("I4")));
    fault(13ms, "second");
    EXPECT_THAT(check(all), ElementsAre(violates("I4")));
    fault(13ms, "first");
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, in_which_a_cut_off_worker_reads_a_keyed_job_late_need_a_fault_before_another_had_it) {
    submit(10ms, "a").unique = "key";
    acknowledge(11ms, "a");
    begin(20ms, "a", "first");
    begin(22ms, "a", "slow reader").asked_at = 12ms;
    fault(21ms, "slow reader");
    EXPECT_THAT(check(all), ElementsAre(violates("I3"), violates("I4")));
    fault(19ms, "slow reader");
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, with_another_payload_break_I5) {
    live(10ms, "a");
    begin(11ms, "b").checksum = 8;
    submit(9ms, "b");
    EXPECT_THAT(check(all), ElementsAre(violates("I5")));
}

TEST_F(histories, in_which_a_job_comes_early_break_I6) {
    submit(10ms, "a").run_at = 20ms;
    begin(19ms, "a");
    fault(12ms);
    EXPECT_THAT(check(all), ElementsAre(violates("I6")));
    fault(12ms, "clock");
    EXPECT_THAT(check(all), IsEmpty()) << "nobody knows what time it was";
}

TEST_F(histories, with_a_call_that_takes_longer_than_it_may_break_I7) {
    add(10ms, fact::called, "client", {}).limit = 100ms;
    add(1100ms, fact::returned, "client", {});
    EXPECT_THAT(check(all), IsEmpty());
    add(1200ms, fact::called, "client", {}).limit = 100ms;
    add(2301ms, fact::returned, "client", {});
    EXPECT_THAT(check(all), ElementsAre(violates("I7")));
    add(3000ms, fact::called, "client", {}).limit = 100ms;
    add(5000ms, fact::called, "other", {}).limit = 100ms;
    EXPECT_THAT(check(all), ElementsAre(violates("I7"), violates("I7"))) << "it never returned";
    fault(3001ms, "client");
    EXPECT_THAT(check(all), ElementsAre(violates("I7"))) << "the caller is gone";
}

TEST_F(histories, in_which_the_queue_does_not_run_empty_break_I8) {
    add(10ms, fact::healed, {}, {});
    EXPECT_THAT(check(all), ElementsAre(violates("I8")));
    add(10'011ms, fact::drained, {}, {});
    EXPECT_THAT(check(all), ElementsAre(violates("I8")));
    all.back().at = 10'010ms;
    EXPECT_THAT(check(all), IsEmpty());
    add(10'020ms, fact::queued, {}, "a");
    EXPECT_THAT(check(all), ElementsAre(violates("I8")));
}

TEST_F(histories, in_which_a_lower_priority_goes_first_break_I9) {
    submit(10ms, "low").priority = 2;
    acknowledge(11ms, "low");
    submit(12ms, "high").priority = 0;
    acknowledge(13ms, "high");
    begin(20ms, "low").asked_at = 15ms;
    begin(30ms, "high").asked_at = 25ms;
    EXPECT_THAT(check(all), ElementsAre(violates("I9")));
    all[4].asked_at = 12ms;
    EXPECT_THAT(check(all), IsEmpty()) << "the worker asked before there was another";
    all[4].asked_at = 15ms;
    all[5].asked_at = 18ms;
    EXPECT_THAT(check(all), IsEmpty()) << "the other was out already";
}

TEST_F(histories, in_which_a_handle_is_given_twice_break_I10) {
    live(10ms, "a");
    submit(30ms, "b");
    acknowledge(31ms, "b", "H:a");
    EXPECT_THAT(check(all), ElementsAre(violates("I10")));
}

TEST_F(histories, in_which_a_job_is_handed_out_under_another_handle_break_I10) {
    live(10ms, "a");
    all[2].handle = "H:other";
    EXPECT_THAT(check(all), ElementsAre(violates("I10")));
    all[2].handle = "H:a";
    EXPECT_THAT(check(all), IsEmpty());
}

TEST_F(histories, in_which_a_handle_is_not_what_it_was_break_I10) {
    submit(10ms, "a");
    acknowledge(11ms, "a");
    ask(12ms, fact::known, "H:a");
    begin(20ms, "a");
    end(22ms, "a");
    ask(30ms, fact::unknown, "H:a");
    EXPECT_THAT(check(all), IsEmpty());
    ask(15ms, fact::unknown, "H:a");
    ask(31ms, fact::known, "H:a");
    EXPECT_THAT(check(all), ElementsAre(violates("I10"), violates("I10")));
}

TEST_F(histories, are_read_as_they_were_written_up_to_what_was_cut_off) {
    const scratch_directory place;
    {
        recorder client(place / "client");
        client.add({.at = 5ns, .what = fact::submitted, .who = "c", .job = "a", .unique = "k", .priority = 2});
        recorder worker(place / "worker");
        worker.add({.what = fact::begun, .who = "w", .job = "a", .checksum = ~0ULL, .asked_at = 3ns});
    }
    std::ofstream(place / "worker", std::ios::app) << "17\t3\tw";
    const history read = read_history(place.path());
    ASSERT_EQ(read.size(), 2U);
    for (const event& one : read) EXPECT_EQ(from_line(to_line(one)), one);
    EXPECT_EQ(summarize(read).executions, 1U);
}

}  // namespace
}  // namespace sheaf::test
