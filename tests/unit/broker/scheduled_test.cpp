// Jobs for a time of day: by the wall clock, which may be set at any moment.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using enum protocol::packet_type;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string in(const conversation& talk, std::chrono::seconds from_now) {
    const auto epoch = std::chrono::floor<std::chrono::seconds>(talk.now().wall.time_since_epoch()) + from_now;
    return std::to_string(epoch.count());
}

// Time passes as a shell lets it: the broker is told when it asked to be, or when the time is over.
void lives(conversation& talk, std::chrono::milliseconds time) {
    const auto end = talk.now().steady + time;
    while (talk.now().steady < end) {
        const auto next = std::min(talk.core().next_deadline().value_or(end), end);
        talk.passes(std::max(std::chrono::ceil<std::chrono::milliseconds>(next - talk.now().steady), 1ms));
    }
}

class scheduled : public ::testing::Test {
  protected:
    // A worker asleep, and a job for an hour from now.
    void SetUp() override {
        worker_.says<pre_sleep>();
        client_.says<submit_job_epoch>("f", "", in(talk_, 1h), "data");
        talk_.stores(1);
    }

    conversation talk_;
    conversation::participant client_ = talk_.peer();
    conversation::participant worker_ = talk_.worker("f");
};

TEST_F(scheduled, a_job_wakes_a_worker_within_100_ms_of_its_time_and_never_before) {
    lives(talk_, 1h - 1ms);
    EXPECT_THAT(worker_.hears(), IsEmpty());
    lives(talk_, 100ms);
    EXPECT_THAT(worker_.hears(), ElementsAre("NOOP"));
}

TEST_F(scheduled, a_clock_that_jumps_over_the_time_starts_the_job_within_100_ms) {
    lives(talk_, 1min);
    talk_.sets_wall_clock(+1h);
    EXPECT_THAT(worker_.hears(), IsEmpty()) << "nobody has told the broker yet";
    lives(talk_, 100ms);
    EXPECT_THAT(worker_.hears(), ElementsAre("NOOP"));
}

TEST_F(scheduled, a_clock_that_is_set_back_by_an_hour_makes_the_job_wait_for_it) {
    lives(talk_, 59min);
    talk_.sets_wall_clock(-1h);
    lives(talk_, 1h + 59s);
    EXPECT_THAT(worker_.hears(), IsEmpty()) << "it is not time yet";
    lives(talk_, 1100ms);
    EXPECT_THAT(worker_.hears(), ElementsAre("NOOP"));
}

TEST_F(scheduled, jobs_start_in_the_order_of_their_times) {
    client_.says<submit_job_epoch>("f", "", in(talk_, 30min), "earlier");
    client_.says<submit_job_epoch>("f", "", in(talk_, 1h), "same time, later");
    talk_.stores(3);
    talk_.stores(2);
    talk_.sets_wall_clock(+2h);
    lives(talk_, 100ms);
    (void)worker_.hears();
    for (int i = 0; i < 3; ++i) worker_.says<grab_job>();
    EXPECT_THAT(worker_.hears(),
                ElementsAre("JOB_ASSIGN H:2|f|earlier", "JOB_ASSIGN H:1|f|data", "JOB_ASSIGN H:3|f|same time, later"));
}

TEST_F(scheduled, jobs_that_are_not_due_stand_in_nobody_s_way) {
    client_.says<submit_job_low>("f", "", "now");
    EXPECT_THAT(worker_.hears(), ElementsAre("NOOP"));
    worker_.says<grab_job>();
    worker_.says<grab_job>();
    EXPECT_THAT(worker_.hears(), ElementsAre("JOB_ASSIGN H:2|f|now", "NO_JOB"));
    worker_.says<pre_sleep>();
    EXPECT_THAT(worker_.hears(), IsEmpty());
}

TEST(scheduled_by_calendar, a_job_is_kept_until_the_minute_that_its_fields_name) {
    conversation talk;  // it begins on the 12th of January 1970, at 13:46:40
    auto client = talk.peer();
    auto worker = talk.worker("f");
    client.says<submit_job_sched>("f", "key", "48", "13", "*", "*", "*", "data");
    ASSERT_EQ(talk.effects().persisted.size(), 1U);
    EXPECT_EQ(talk.effects().persisted[0].run_at, broker::wall_time{1'000'080s});
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    worker.says<pre_sleep>();
    lives(talk, 79s);
    EXPECT_THAT(worker.hears(), IsEmpty());
    lives(talk, 1100ms);
    worker.says<grab_job_uniq>();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN_UNIQ H:1|f|key|data"));
}

TEST(scheduled_by_calendar, fields_that_name_no_time_are_an_error) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_sched>("f", "", "", "", "30", "2", "", "data");
    EXPECT_THAT(client.hears(), ElementsAre("ERROR INVALID_ARGUMENT|The minute, hour, day, month and weekday name no "
                                            "time to come"));
    EXPECT_THAT(talk.effects().persisted, IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
