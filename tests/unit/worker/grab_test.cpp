// How a worker gets its jobs: registration, grabs, sleep and wake-up, at one and at several servers.
#include "worker_script.hpp"

namespace sheaf::test {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(worker_grabs, it_registers_and_grabs_on_every_connect) {
    worker_script talk(1, {.servers = {}, .id = "me"});
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(talk.connects, ElementsAre(0));
        talk.accept();
        EXPECT_THAT(talk.hears(), ElementsAre("OPTION_REQ sheaf", "SET_CLIENT_ID me", "CAN_DO f", "GRAB_JOB_UNIQ"));
        talk.connects.clear();
        talk.cut();
        talk.passes(1s);
    }
}

TEST(worker_grabs, a_slow_handlers_answer_and_the_next_grab_go_out_together) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    EXPECT_THAT(talk.hears(), IsEmpty());
    EXPECT_EQ(talk.job("H:1").payload.view(), "in");
    EXPECT_EQ(talk.job("H:1").unique, "u");
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "GRAB_JOB_UNIQ"));
}

TEST(worker_grabs, it_sleeps_when_there_is_nothing_and_grabs_when_it_is_woken) {
    worker_script talk;
    talk.begin();
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("PRE_SLEEP"));
}

TEST(worker_grabs, every_free_slot_is_filled_while_handlers_are_slow) {
    worker_script talk(1, {.servers = {}, .slots = 3});
    talk.begin();
    for (const char* handle : {"H:1", "H:2", "H:3"}) talk.assigns(0, handle);
    EXPECT_THAT(talk.running(), ElementsAre("H:1", "H:2", "H:3"));
    (void)talk.hears();
    talk.ends("H:2");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:2|out", "GRAB_JOB_UNIQ"));
}

/// Runs `jobs` jobs whose handlers take `time`, and returns the most that were out (assigned or asked for) at once.
std::size_t most_out_at_once(worker_script& talk, int jobs, std::chrono::nanoseconds time) {
    std::size_t out = 1;  // begin() has grabbed
    std::size_t most = out;
    int next = 0;
    std::vector<std::string> assigned;
    while (next < jobs) {
        // The server answers all grabs, then the slot ends one job.
        while (out > assigned.size()) {
            assigned.push_back("H:" + std::to_string(++next));
            talk.assigns(0, assigned.back());
            for (const auto& line : talk.hears()) out += line == "GRAB_JOB_UNIQ" ? 1 : 0;
        }
        talk.ends(assigned.front(), "out", time);
        assigned.erase(assigned.begin());
        --out;
        for (const auto& line : talk.hears()) out += line == "GRAB_JOB_UNIQ" ? 1 : 0;
        most = std::max(most, out);
    }
    return most;
}

TEST(worker_grabs, grabs_are_pipelined_as_far_as_handlers_are_short) {
    const std::vector<std::pair<std::chrono::nanoseconds, std::size_t>> cases{
        {10ms, 1}, {1ms, 1}, {250us, 4}, {100us, 10}, {1us, 32}};
    for (const auto& [time, most] : cases) {
        worker_script talk(1, {.servers = {}, .grabs_max = 32});
        talk.begin();
        EXPECT_EQ(most_out_at_once(talk, 1000, time), most) << time.count() << " ns";
    }
}

TEST(worker_grabs, few_jobs_are_not_fetched_ahead_however_short_they_are) {
    worker_script talk(1, {.servers = {}, .grabs_max = 32});
    talk.begin();
    EXPECT_EQ(most_out_at_once(talk, 15, 1us), 1U);
}

TEST(worker_grabs, after_a_pause_jobs_are_fetched_ahead_anew_only_in_a_long_row) {
    worker_script talk(1, {.servers = {}, .grabs_max = 32});
    talk.begin();
    EXPECT_GT(most_out_at_once(talk, 500, 1us), 1U);
    while (!talk.running().empty()) talk.ends(talk.running().front(), "out", 1us);
    std::vector<std::string> heard = talk.hears();
    while (heard.empty() || heard.back() != "PRE_SLEEP") {
        talk.says<packet_type::no_job>(0);
        heard = talk.hears();
    }
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:new");
    EXPECT_THAT(talk.hears(), testing::IsEmpty());  // nothing is to wait behind it
}

TEST(worker_grabs, one_slow_job_ends_the_pipelining) {
    worker_script talk(1, {.servers = {}, .grabs_max = 32});
    talk.begin();
    EXPECT_EQ(most_out_at_once(talk, 1000, 1us), 32U);
    ASSERT_FALSE(talk.running().empty());
    while (!talk.running().empty()) {
        talk.ends(talk.running().front(), "out", 50ms);
        EXPECT_THAT(talk.hears(), ElementsAre(testing::StartsWith("WORK_COMPLETE")));  // no grab for it
    }
}

TEST(worker_grabs, a_lone_job_does_not_cause_a_volley_of_grabs) {
    worker_script talk;
    talk.begin();
    (void)most_out_at_once(talk, 1000, 1us);
    // The queue runs dry: every grab in flight comes back empty, then one sleep.
    while (!talk.running().empty()) talk.ends(talk.running().front(), "out", 1us);
    (void)talk.hears();
    std::size_t empty_handed = 0;
    std::vector<std::string> heard;
    while (heard.empty() && empty_handed < 100) {
        talk.says<packet_type::no_job>(0);
        ++empty_handed;
        heard = talk.hears();
    }
    EXPECT_THAT(heard, ElementsAre("PRE_SLEEP"));
    EXPECT_EQ(empty_handed, 32U);
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:lone");
    talk.ends("H:lone", "out", 1us);
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:lone|out", "GRAB_JOB_UNIQ"));
}

TEST(worker_grabs, a_job_that_comes_after_no_job_keeps_the_worker_awake) {
    worker_script talk;
    talk.begin();
    (void)most_out_at_once(talk, 100, 100us);
    while (!talk.running().empty()) talk.ends(talk.running().front(), "out", 100us);
    (void)talk.hears();
    talk.says<packet_type::no_job>(0);
    talk.assigns(0, "H:after");
    // However the grabs that are left come back, the worker has to grab or sleep in the end.
    std::vector<std::string> heard;
    for (int i = 0; i < 32 && heard.empty(); ++i) {
        talk.assigns(0, "H:more" + std::to_string(i));
        heard = talk.hears();
    }
    while (!talk.running().empty()) talk.ends(talk.running().front(), "out", 100us);
    EXPECT_THAT(talk.hears(), testing::Contains("GRAB_JOB_UNIQ"));
}

TEST(worker_grabs, a_server_without_unique_grabs_is_asked_in_the_old_way) {
    worker_script talk;
    talk.begin();
    talk.says<packet_type::error>(0, "server_error", "Unknown command");
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB"));
    talk.says<packet_type::job_assign>(0, "H:1", "f", "in");
    EXPECT_EQ(talk.job("H:1").unique, "");
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "GRAB_JOB"));
}

TEST(worker_grabs, that_an_answer_came_too_late_changes_nothing) {
    worker_script talk;
    talk.begin();
    talk.says<packet_type::error>(0, "JOB_NOT_FOUND", "Job given in work result not found");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.assigns(0, "H:1");
    EXPECT_THAT(talk.running(), ElementsAre("H:1"));
}

TEST(worker_grabs, a_job_of_a_function_it_does_not_offer_fails) {
    worker_script talk;
    talk.begin();
    talk.says<packet_type::job_assign_uniq>(0, "H:1", "g", "", "in");
    EXPECT_THAT(talk.running(), IsEmpty());
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_FAIL H:1", "GRAB_JOB_UNIQ"));
}

// ---- Several servers.

TEST(worker_servers, a_free_slot_is_offered_to_one_server_at_a_time) {
    worker_script talk(2);
    talk.accept(0);
    talk.accept(1);
    EXPECT_THAT(talk.hears(0), ElementsAre("OPTION_REQ sheaf", "CAN_DO f", "GRAB_JOB_UNIQ"));
    EXPECT_THAT(talk.hears(1), ElementsAre("OPTION_REQ sheaf", "CAN_DO f"));
    talk.says<packet_type::no_job>(0);
    EXPECT_THAT(talk.hears(0), ElementsAre("PRE_SLEEP"));
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
}

TEST(worker_servers, servers_with_jobs_take_turns) {
    worker_script talk(2);
    talk.begin(0);
    talk.begin(1);
    std::string order;
    std::size_t asked = 0;
    for (int i = 0; i < 6; ++i) {
        const std::string handle = "H:" + std::to_string(i);
        talk.assigns(asked, handle);
        talk.ends(handle);
        asked = talk.hears(0).size() > (asked == 0 ? 1U : 0U) ? 0 : 1;  // besides the answer
        (void)talk.hears(1);
        order += std::to_string(asked);
    }
    EXPECT_THAT(order, AnyOf("101010", "010101"));
}

TEST(worker_servers, a_wake_up_concerns_only_the_server_it_came_from) {
    worker_script talk(2);
    talk.begin(0);
    talk.begin(1);
    talk.says<packet_type::no_job>(0);
    talk.says<packet_type::no_job>(1);
    (void)talk.hears(0);
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ", "PRE_SLEEP"));
    talk.says<packet_type::noop>(1);
    EXPECT_THAT(talk.hears(0), IsEmpty());
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
}

TEST(worker_servers, a_wake_up_while_the_slot_is_busy_is_remembered) {
    worker_script talk(2);
    talk.begin(0);
    talk.begin(1);
    talk.says<packet_type::no_job>(0);
    talk.assigns(1, "H:1");
    (void)talk.hears(1);
    talk.says<packet_type::noop>(0);
    EXPECT_THAT(talk.hears(0), ElementsAre("PRE_SLEEP"));
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(0), ElementsAre("GRAB_JOB_UNIQ"));
    EXPECT_THAT(talk.hears(1), ElementsAre("WORK_COMPLETE H:1|out"));
}

TEST(worker_servers, a_grab_lost_with_its_server_goes_to_the_other) {
    worker_script talk(2);
    talk.begin(0);
    talk.begin(1);
    talk.cut(0);
    EXPECT_THAT(talk.hears(1), ElementsAre("GRAB_JOB_UNIQ"));
}

TEST(worker_grabs, a_handler_that_waits_makes_room_for_another_job) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.core->lend();
    EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    talk.assigns(0, "H:2");
    talk.core->take_back();
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.ends("H:1");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out"));  // the other job fills the slot
}

}  // namespace
}  // namespace sheaf::test
