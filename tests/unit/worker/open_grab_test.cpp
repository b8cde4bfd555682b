// Grabs that Sheaf's server keeps open: when they are left, what they bring, and how they are taken back.
#include "worker_script.hpp"

namespace sheaf::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(worker_open_grab, is_left_with_a_server_that_has_nothing_and_says_that_it_keeps_it) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.wakes_with(0, "H:1");
    EXPECT_THAT(talk.running(), ElementsAre("H:1"));
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "ALL_YOURS"));
}

TEST(worker_open_grab, a_job_now_and_then_costs_one_packet_each_way_also_when_handlers_are_short) {
    worker_script talk(1, {.servers = {}, .grabs_max = 32});
    talk.begin_with_open_grab();
    for (int i = 0; i < 100; ++i) {
        talk.wakes_with(0, "H:1");
        talk.ends("H:1", "out", 1us);
        ASSERT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "ALL_YOURS"));
    }
}

TEST(worker_open_grab, jobs_that_wait_already_are_grabbed_ahead_when_many_came_in_a_row) {
    worker_script talk(1, {.servers = {}, .grabs_max = 32});
    talk.begin_with_open_grab();
    talk.wakes_with(0, "H:1");
    talk.ends("H:1", "out", 1us);
    (void)talk.hears();
    for (int i = 0; i < 14; ++i) {
        talk.assigns(0, "H:2");  // without NOOP: it was there
        talk.ends("H:2", "out", 1us);
        EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out", "ALL_YOURS"));
    }
    talk.assigns(0, "H:2");
    talk.ends("H:2", "out", 1us);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out", "ALL_YOURS", "GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(), IsEmpty());  // one is still open
    talk.wakes_with(0, "H:3");
    talk.ends("H:3", "out", 1us);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:3|out", "ALL_YOURS"));
}

TEST(worker_open_grab, a_worker_whose_slots_are_busy_leaves_none) {
    worker_script talk(1, {.servers = {}, .slots = 2, .grabs_max = 32});
    talk.begin_with_open_grab();
    talk.wakes_with(0, "H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("ALL_YOURS"));
    talk.wakes_with(0, "H:2");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "ALL_YOURS"));
}

TEST(worker_open_grab, is_left_with_one_server_and_taken_back_when_another_has_a_job) {
    worker_script talk(2);
    talk.begin_with_sheaf(0);
    talk.begin_with_sheaf(1);
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(0), ElementsAre("PRE_SLEEP"));
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("ALL_YOURS"));
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(0), IsEmpty());
    EXPECT_THAT(talk.hears(1), ElementsAre("PRE_SLEEP"));
    talk.says<packet_type::no_job>(1);
    EXPECT_THAT(talk.hears(0), ElementsAre("ALL_YOURS"));
    EXPECT_THAT(talk.hears(1), IsEmpty());
}

TEST(worker_open_grab, a_server_that_may_have_jobs_is_asked_before_one_is_left_with_another) {
    worker_script talk(2);
    talk.begin_with_sheaf(0);
    talk.begin_with_sheaf(1);
    talk.assigns(0, "H:1");
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(0), ElementsAre("WORK_COMPLETE H:1|out"));
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("PRE_SLEEP"));
    EXPECT_THAT(talk.hears(0), ElementsAre("GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(0), ElementsAre("ALL_YOURS"));
}

TEST(worker_open_grab, a_lost_server_has_none_any_more) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.cut();
    talk.passes(1s);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "CAN_DO f", "GRAB_JOB_UNIQ"));
    talk.core->drain(talk.now);
    talk.says<packet_type::no_job>(0);
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_open_grab, is_taken_back_before_the_worker_ends) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.core->drain(talk.now);
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
    EXPECT_EQ(talk.times_finished, 0);
    talk.says<packet_type::no_job>(0);
    EXPECT_EQ(talk.times_finished, 1);
    EXPECT_THAT(talk.hears(), IsEmpty());
}

TEST(worker_open_grab, a_job_that_was_quicker_than_its_end_is_run) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.core->drain(talk.now);
    (void)talk.hears();
    talk.wakes_with(0, "H:1");
    EXPECT_EQ(talk.times_finished, 0);
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_open_grab, is_taken_back_when_the_slot_that_it_was_for_is_needed_again) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.wakes_with(0, "H:1");
    talk.core->lend();
    EXPECT_THAT(talk.hears(), ElementsAre("ALL_YOURS"));
    talk.core->take_back();
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
    talk.says<packet_type::no_job>(0);
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("ALL_YOURS"));
}

}  // namespace
}  // namespace sheaf::test
