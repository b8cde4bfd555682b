// The counter between I/O thread and slots: slots that are lent, and reports that only long jobs make.
#include "worker/job_exchange.hpp"

#include <array>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "support/deadline.hpp"

namespace sheaf::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using kind = job_report::kind;

job_report report(kind what, worker_job& job) {
    job_report made;
    made.what = what;
    made.job = &job;
    return made;
}

std::vector<kind> kinds_of(const std::vector<job_report>& reports) {
    std::vector<kind> kinds;
    for (const job_report& one : reports) kinds.push_back(one.what);
    return kinds;
}

class job_exchange_test : public ::testing::Test, protected exchange_host {
  protected:
    void call_io() override {}
    void start_thread(std::size_t slot) override { started.push_back(slot); }
    bool turn(bool has_reports) override {
        turns.push_back(has_reports);
        std::vector<job_report> reports;
        if (has_reports) {
            (void)exchange.take_reports(reports, false);
        } else {
            hand_over(1);
        }
        return goes_on;
    }

    worker_job* take(std::size_t slot, worker_job* ended = nullptr) {
        std::optional<job_report> done;
        if (ended != nullptr) done = report(kind::done, *ended);
        return exchange.next(slot, std::move(done), now);
    }
    std::vector<kind> reported() {
        std::vector<job_report> reports;
        (void)exchange.take_reports(reports, false);
        return kinds_of(reports);
    }
    void hand_over(std::size_t count) {
        std::vector<worker_job*> some;
        for (std::size_t i = 0; i < count; ++i) some.push_back(&jobs[handed_over++]);
        (void)exchange.hand_over(some);
    }

    std::array<worker_job, 8> jobs;
    std::size_t handed_over = 0;
    std::vector<std::size_t> started;
    std::vector<bool> turns;
    bool goes_on = true;
    job_exchange::time_point now{1000s};
    job_exchange exchange{1, 2, *this};
};

TEST_F(job_exchange_test, a_lent_slot_lets_one_more_job_begin_on_a_thread_of_its_own) {
    hand_over(2);
    EXPECT_EQ(take(0), &jobs[0]);
    EXPECT_TRUE(exchange.lend());
    EXPECT_THAT(started, ElementsAre(1));
    EXPECT_THAT(reported(), ElementsAre(kind::lend));
    EXPECT_EQ(take(1), &jobs[1]);
}

TEST_F(job_exchange_test, no_more_slots_are_lent_than_was_agreed) {
    hand_over(3);
    EXPECT_EQ(take(0), &jobs[0]);
    EXPECT_TRUE(exchange.lend());
    EXPECT_EQ(take(1), &jobs[1]);
    EXPECT_TRUE(exchange.lend());
    EXPECT_EQ(take(2), &jobs[2]);
    EXPECT_FALSE(exchange.lend());
    exchange.take_back();
    EXPECT_TRUE(exchange.lend());
    EXPECT_THAT(started, ElementsAre(1, 2)) << "and no more threads are started";
}

TEST_F(job_exchange_test, after_a_slot_was_taken_back_no_job_begins_until_there_is_room_again) {
    hand_over(3);
    EXPECT_EQ(take(0), &jobs[0]);
    EXPECT_TRUE(exchange.lend());
    EXPECT_EQ(take(1), &jobs[1]);
    exchange.take_back();
    auto next = std::async(std::launch::async, [this] { return take(1, &jobs[1]); });
    EXPECT_EQ(next.wait_for(10ms), std::future_status::timeout) << "the first handler still runs";
    EXPECT_TRUE(exchange.lend());
    ASSERT_EQ(next.wait_for(test::patience), std::future_status::ready);
    EXPECT_EQ(next.get(), &jobs[2]);
    EXPECT_THAT(started, ElementsAre(1));
}

TEST_F(job_exchange_test, a_thread_that_cannot_be_started_is_no_slot_to_lend) {
    struct : exchange_host {
        void call_io() override {}
        void start_thread(std::size_t) override { throw std::system_error(EAGAIN, std::generic_category()); }
        bool turn(bool) override { return true; }
    } crowded;
    job_exchange full(1, 1, crowded);
    worker_job job;
    (void)full.hand_over(std::array{&job});
    EXPECT_EQ(full.next(0, std::nullopt, now), &job);
    EXPECT_FALSE(full.lend());
    EXPECT_FALSE(full.lend());
}

TEST_F(job_exchange_test, a_slot_tells_its_end_and_fetches_its_next_job_itself_when_nobody_does_the_io) {
    hand_over(1);
    EXPECT_EQ(take(0), &jobs[0]);
    exchange.leave_io();
    EXPECT_EQ(take(0, &jobs[0]), &jobs[1]);
    EXPECT_THAT(turns, ElementsAre(true, false));
}

TEST_F(job_exchange_test, while_a_handler_runs_on_the_own_thread_does_the_io) {
    exchange.leave_io();
    EXPECT_EQ(take(0), &jobs[0]);
    exchange.wait_for_io();
    EXPECT_THAT(turns, ElementsAre(false));
    EXPECT_FALSE(exchange.should_leave_io());
}

TEST_F(job_exchange_test, a_turn_after_which_the_own_thread_has_to_go_on_gives_it_the_io) {
    exchange.leave_io();
    goes_on = false;
    EXPECT_EQ(take(0), &jobs[0]);
    exchange.wait_for_io();
    EXPECT_THAT(turns, ElementsAre(false));
}

TEST_F(job_exchange_test, what_matters_for_long_jobs_only_is_not_reported_of_short_ones) {
    hand_over(2);
    std::vector<job_report> reports;
    EXPECT_EQ(take(0), &jobs[0]);
    exchange.report_if_long(0, report(kind::say, jobs[0]));
    EXPECT_EQ(exchange.take_reports_of_long_jobs(reports, now), now + long_job);
    EXPECT_THAT(reports, IsEmpty());

    now += 5ms;
    EXPECT_EQ(take(0, &jobs[0]), &jobs[1]);
    EXPECT_THAT(reported(), ElementsAre(kind::done));
    exchange.report_if_long(0, report(kind::expire, jobs[1]));
    EXPECT_EQ(exchange.take_reports_of_long_jobs(reports, now + long_job), job_exchange::time_point::max());
    EXPECT_THAT(kinds_of(reports), ElementsAre(kind::expire));
    exchange.report_if_long(0, report(kind::say, jobs[1]));
    EXPECT_THAT(reported(), ElementsAre(kind::say)) << "of a long job, at once";
}

}  // namespace
}  // namespace sheaf::runtime
