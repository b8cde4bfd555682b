// What a worker offers: time-outs, prefixes, reducers, how many jobs it runs, and functions that come and go while it works.
#include "worker_script.hpp"

namespace sheaf::test {
namespace {

using runtime::worker_options;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

void assign(worker_script& talk, std::string_view handle, std::string_view function) {
    talk.says<packet_type::job_assign_uniq>(0, handle, function, "u", "in");
}

// ---- How a function is offered.

TEST(worker_offers, a_time_out_is_told_in_milliseconds_and_stops_the_handler) {
    worker_script talk(1, {}, {.timeout = 1500ms});
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "CAN_DO_TIMEOUT f|1500", "GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.passes(1499ms);
    EXPECT_THAT(talk.stopped, IsEmpty());
    (void)talk.hears();
    talk.passes(1ms);
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    EXPECT_THAT(talk.stuck_jobs, IsEmpty());
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_FAIL H:1"));
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), Not(Contains(HasSubstr("H:1")))) << "it may be about the next attempt by then";
    talk.says<packet_type::error>(0, "JOB_NOT_FOUND", "");
    EXPECT_THAT(talk.closes, IsEmpty());
}

TEST(worker_offers, a_job_whose_time_is_up_before_a_slot_was_free_never_begins) {
    worker_script talk(1, {}, {.timeout = 10ms});  // a second, for servers
    talk.begin();
    talk.assigns(0, "H:1");
    talk.assigns(0, "H:2");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.passes(1s);
    EXPECT_THAT(talk.withdrawn, ElementsAre("H:2"));
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
}

TEST(worker_offers, a_prefix_is_put_before_names_and_taken_off_for_handlers) {
    worker_script talk(1, {.servers = {}, .prefix = "test."}, {.with_reducer = true});
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "CAN_DO test.f", "GRAB_JOB_ALL"));
    talk.says<packet_type::job_assign_all>(0, "H:1", "test.f", "u", "test.r", "in");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    EXPECT_EQ(talk.job("H:1").function, "f");
    EXPECT_EQ(talk.job("H:1").reducer, "r");
    EXPECT_EQ(talk.job("H:1").unique, "u");
}

TEST(worker_offers, a_worker_that_wants_reducers_leaves_no_grab_open) {
    worker_script talk(1, {}, {.with_reducer = true});
    talk.begin_with_sheaf();
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
}

// ---- How many jobs.

TEST(worker_offers, no_more_jobs_are_asked_for_than_are_to_be_run) {
    worker_script talk(1, {.servers = {}, .slots = 4, .jobs_max = 2});
    talk.begin_with_sheaf();
    talk.says<packet_type::no_job>(0);
    ASSERT_THAT(talk.hears(), ElementsAre("ALL_YOURS"));
    talk.wakes_with(0, "H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("ALL_YOURS"));
    talk.wakes_with(0, "H:2");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.ends("H:1");
    EXPECT_EQ(talk.times_finished, 0);
    talk.ends("H:2");
    EXPECT_EQ(talk.times_finished, 1);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "WORK_COMPLETE H:2|out"));
}

// ---- Functions that come.

TEST(worker_offers, a_new_function_is_told_at_once_and_a_sleeper_asks_for_its_jobs) {
    worker_script talk;
    talk.begin();
    talk.says<packet_type::no_job>(0);
    ASSERT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
    talk.core->offer({.name = "g"});
    EXPECT_THAT(talk.hears(), ElementsAre("CAN_DO g", "GRAB_JOB_UNIQ"));
    assign(talk, "H:1", "g");
    EXPECT_THAT(talk.running(), ElementsAre("H:1"));
}

TEST(worker_offers, a_grab_that_is_open_is_for_the_new_function_too) {
    worker_script talk;
    talk.begin_with_open_grab();
    talk.core->offer({.name = "g"});
    EXPECT_THAT(talk.hears(), ElementsAre("CAN_DO g"));
}

// ---- Functions that go.

TEST(worker_offers, a_function_goes_when_none_of_its_jobs_is_out_and_none_is_on_its_way) {
    worker_script talk(1, {.servers = {}, .slots = 2});
    talk.begin();
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.core->withdraw("f");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.assigns(0, "H:2");  // it was on its way, and is run as any other
    EXPECT_THAT(talk.running(), ElementsAre("H:1", "H:2"));
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));
    talk.ends("H:2");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out", "CANT_DO f", "GRAB_JOB_UNIQ", "GRAB_JOB_UNIQ"));
}

TEST(worker_offers, a_function_of_a_sleeper_goes_at_once_and_that_of_an_open_grab_when_it_is_taken_back) {
    worker_script sleeper;
    sleeper.begin();
    sleeper.says<packet_type::no_job>(0);
    (void)sleeper.hears();
    sleeper.core->withdraw("f");
    EXPECT_THAT(sleeper.hears(), ElementsAre("CANT_DO f"));

    worker_script open;
    open.begin_with_open_grab();
    open.core->withdraw("f");
    EXPECT_THAT(open.hears(), ElementsAre("PRE_SLEEP"));
    open.says<packet_type::no_job>(0);
    EXPECT_THAT(open.hears(), ElementsAre("CANT_DO f"));
}

TEST(worker_offers, other_servers_jobs_are_taken_while_one_waits_for_a_function_to_go) {
    worker_script talk(2, {.servers = {}, .slots = 3});
    talk.begin(0);
    talk.begin(1);
    talk.assigns(0, "H:1");
    talk.says<packet_type::no_job>(0);
    talk.core->withdraw("f");
    EXPECT_THAT(talk.hears(1), IsEmpty());  // its grab is on its way
    talk.says<packet_type::no_job>(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("CANT_DO f", "PRE_SLEEP"));
    talk.says<packet_type::noop>(1);
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
}

TEST(worker_offers, a_function_that_is_gone_is_not_offered_to_servers_that_come_back) {
    worker_script talk;
    talk.core->offer({.name = "g"});
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->withdraw("f");
    talk.cut();
    talk.ends("H:1");
    talk.passes(1s);
    talk.accept();
    EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "CAN_DO g", "GRAB_JOB_UNIQ"));
}

TEST(worker_offers, a_function_that_is_offered_again_before_it_has_gone_stays) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    talk.core->withdraw("f");
    talk.core->offer({.name = "f"});
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:2");
    EXPECT_THAT(talk.running(), ElementsAre("H:2"));
}

}  // namespace
}  // namespace sheaf::test
