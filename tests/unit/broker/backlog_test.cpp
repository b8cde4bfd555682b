// Jobs that leave memory, and come back when it is their turn.
#include <algorithm>
#include <optional>

#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

// Memory for nothing: two jobs of each queue are in it.
broker::options no_memory() {
    broker::options how;
    how.handle_prefix = "H:";
    how.queue_bytes_max = 0;
    how.queue_jobs_min = 2;
    return how;
}

class backlog : public ::testing::Test {
  protected:
    // Stores `count` background jobs of the function "f", whose keys are k1, k2, ... as their handles' numbers, and payloads p1...
    void store_jobs(std::uint64_t count) {
        auto client = talk->peer();
        for (std::uint64_t i = 1; i <= count; ++i) {
            client.says<submit_job_bg>("f", "k" + std::to_string(i), "p" + std::to_string(i));
            talk->stores(i);
        }
        (void)client.hears();
    }

    // Answers what the store was asked for, in full.
    void load_all() {
        while (!talk->effects().loads.empty()) load_next(~std::size_t{0});
    }
    // Answers the oldest request with `most` rows.
    void load_next(std::size_t most) {
        const auto [name, wanted] = talk->effects().loads.front();
        talk->effects().loads.erase(talk->effects().loads.begin());
        std::vector<broker::job_record> rows;
        for (const broker::job_id id : wanted) {
            const auto found = std::ranges::find(talk->effects().persisted, id, &broker::job_record::id);
            if (found != talk->effects().persisted.end() && rows.size() < most) rows.push_back(*found);
        }
        talk->core().loaded(name, rows, talk->now());
        talk->core().check_invariants();
    }

    // What workers are given, one after the other, while the store answers at once.
    std::vector<std::string> drain() {
        auto worker = talk->worker("f");
        std::vector<std::string> all;
        for (;;) {
            load_all();
            worker.says<grab_job_uniq>();
            const auto heard = worker.hears();
            if (heard == std::vector<std::string>{"NO_JOB"}) return all;
            all.insert(all.end(), heard.begin(), heard.end());
        }
    }

    std::optional<conversation> talk{std::in_place, no_memory()};
};

TEST_F(backlog, what_does_not_fit_leaves_memory_and_comes_back_in_order) {
    store_jobs(6);
    EXPECT_EQ(talk->core().count().queued, 6U);
    EXPECT_THAT(talk->effects().loads, IsEmpty());
    EXPECT_THAT(drain(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|k1|p1", "JOB_ASSIGN_UNIQ H:2|f|k2|p2",
                                     "JOB_ASSIGN_UNIQ H:3|f|k3|p3", "JOB_ASSIGN_UNIQ H:4|f|k4|p4",
                                     "JOB_ASSIGN_UNIQ H:5|f|k5|p5", "JOB_ASSIGN_UNIQ H:6|f|k6|p6"));
}

TEST_F(backlog, the_store_is_asked_before_the_queue_in_memory_is_empty) {
    store_jobs(4);
    auto worker = talk->worker("f");
    worker.says<grab_job>();
    ASSERT_THAT(talk->effects().loads, SizeIs(1));
    EXPECT_THAT(talk->effects().loads[0].second, ElementsAre(broker::job_id{3}));
    worker.says<grab_job>().says<grab_job>().says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|p1", "JOB_ASSIGN H:2|f|p2", "NO_JOB"));
    load_all();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP"));
}

TEST_F(backlog, a_less_urgent_job_does_not_overtake_those_that_are_being_brought) {
    store_jobs(3);
    auto client = talk->peer();
    client.says<submit_job_low>("f", "", "low");
    auto worker = talk->worker("f");
    worker.says<grab_job>().says<grab_job>().says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|p1", "JOB_ASSIGN H:2|f|p2", "NO_JOB"));
    load_all();
    worker.says<grab_job>().says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:3|f|p3", "JOB_ASSIGN H:4|f|low"));
}

TEST_F(backlog, foreground_jobs_wait_for_their_turn_behind_it) {
    store_jobs(3);
    auto client = talk->peer();
    client.says<submit_job>("f", "", "front");
    EXPECT_THAT(drain(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|k1|p1", "JOB_ASSIGN_UNIQ H:2|f|k2|p2",
                                     "JOB_ASSIGN_UNIQ H:3|f|k3|p3", "JOB_ASSIGN_UNIQ H:4|f||front"));
}

TEST_F(backlog, submissions_with_the_key_of_an_absent_job_coalesce_with_it) {
    store_jobs(4);
    auto client = talk->peer();
    client.says<submit_job_bg>("f", "k4", "other").says<submit_job>("f", "k4", "other");
    client.says<submit_job_bg>("g", "k4", "not the same");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:4", "JOB_CREATED H:4"));
    EXPECT_EQ(talk->core().count().queued, 5U);
    EXPECT_THAT(drain(), SizeIs(4));
    auto worker = talk->worker("h");
    worker.says<work_complete>("H:4", "too late");
    EXPECT_THAT(worker.hears(), ElementsAre(HasSubstr("JOB_NOT_FOUND")));
}

TEST_F(backlog, a_client_that_joins_an_absent_job_hears_of_its_end) {
    store_jobs(3);
    auto client = talk->peer();
    client.says<submit_job>("f", "k3", "").says<submit_job>("sheaf.result", "", "H:3");
    auto worker = talk->worker("f");
    for (int i = 0; i < 3; ++i) {
        worker.says<grab_job>();
        load_all();
    }
    EXPECT_THAT(worker.hears(), testing::Contains("JOB_ASSIGN H:3|f|p3"));
    worker.says<work_complete>("H:3", "done");
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:3", "JOB_CREATED H:3", "WORK_COMPLETE H:3|done", "WORK_COMPLETE H:3|done"));
}

TEST_F(backlog, absent_jobs_are_known_by_handle_and_by_key) {
    store_jobs(4);
    auto client = talk->peer();
    client.says<get_status>("H:4").says<get_status_unique>("k4").says<get_status_unique>("k5");
    EXPECT_THAT(client.hears(), ElementsAre("STATUS_RES H:4|1|0|0|0", "STATUS_RES_UNIQUE k4|1|0|0|0|0",
                                            "STATUS_RES_UNIQUE k5|0|0|0|0|0"));
    client.asks("status");
    EXPECT_THAT(client.hears(), ElementsAre("f\t4\t0\t0", "."));
    client.says<submit_job>("sheaf.job", "", "unique k4");
    EXPECT_THAT(client.hears(),
                ElementsAre(testing::_, testing::AllOf(HasSubstr(R"("state":"queued")"), HasSubstr(R"("unique":"k4")"),
                                                       HasSubstr(R"("ahead":3)"))));
}

TEST_F(backlog, a_cancelled_absent_job_is_forgotten_and_its_key_is_free) {
    store_jobs(4);
    auto client = talk->peer();
    client.asks("cancel job H:3");
    EXPECT_THAT(client.hears(), IsEmpty());
    talk->answers();
    EXPECT_THAT(client.hears(), ElementsAre("OK\r"));
    client.says<submit_job>("sheaf.cancel", "", "unique k4");
    EXPECT_THAT(client.hears(), IsEmpty());
    talk->answers();
    EXPECT_THAT(client.hears().back(), HasSubstr(R"({"was":"queued"})"));
    EXPECT_THAT(talk->effects().forgotten, ElementsAre(3, 4));
    client.says<submit_job_bg>("f", "k3", "again");
    talk->stores(6);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:6"));
    EXPECT_THAT(drain(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|k1|p1", "JOB_ASSIGN_UNIQ H:2|f|k2|p2",
                                     "JOB_ASSIGN_UNIQ H:6|f|k3|again"));
}

TEST_F(backlog, jobs_for_later_leave_memory_and_are_run_in_time) {
    auto client = talk->peer();
    const auto due = std::chrono::duration_cast<std::chrono::seconds>(talk->now().wall.time_since_epoch()) + 10s;
    client.says<submit_job_epoch>("f", "later", std::to_string(due.count()), "p");
    talk->stores(1);
    client.says<submit_job>("f", "later", "").says<get_status>("H:1");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:1", "STATUS_RES H:1|1|0|0|0"));
    EXPECT_THAT(drain(), IsEmpty());
    talk->passes(11s);
    EXPECT_THAT(drain(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|later|p"));
}

TEST_F(backlog, a_store_that_cannot_look_is_asked_again_after_a_while) {
    store_jobs(3);
    auto worker = talk->worker("f");
    worker.says<grab_job>();
    const auto name = talk->effects().loads.at(0).first;
    talk->effects().loads.clear();
    talk->core().load_failed(name, talk->now());
    worker.says<grab_job>();
    EXPECT_THAT(talk->effects().loads, IsEmpty());
    talk->passes(1s);
    load_all();
    (void)worker.hears();
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:3|f|p3"));
}

TEST_F(backlog, a_job_that_the_store_has_lost_fails_for_those_who_wait_and_holds_up_nobody) {
    store_jobs(5);
    auto client = talk->peer();
    client.says<submit_job>("f", "k3", "");
    std::erase_if(talk->effects().persisted, [](const auto& row) { return row.id == broker::job_id{3}; });
    EXPECT_THAT(drain(), SizeIs(4));
    EXPECT_THAT(talk->effects().lost, ElementsAre(3));
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:3", "WORK_FAIL H:3"));
}

TEST_F(backlog, an_answer_that_stops_early_is_asked_for_again) {
    broker::options how = no_memory();
    how.queue_jobs_min = 6;
    talk.emplace(how);
    store_jobs(12);
    auto worker = talk->worker("f");
    for (int i = 0; i < 3; ++i) worker.says<grab_job>();
    ASSERT_THAT(talk->effects().loads, SizeIs(1));
    EXPECT_THAT(talk->effects().loads[0].second, SizeIs(3));
    load_next(1);
    ASSERT_THAT(talk->effects().loads, SizeIs(0));
    worker.says<grab_job>();
    ASSERT_THAT(talk->effects().loads, SizeIs(1));
    EXPECT_THAT(talk->effects().loads[0].second.front(), broker::job_id{8});
}

TEST_F(backlog, a_restart_brings_no_more_into_memory_than_before) {
    store_jobs(6);
    const auto rows = talk->effects().persisted;
    talk.emplace(no_memory());
    for (const auto& row : rows) talk->core().restore(row, talk->now());
    talk->effects().persisted = rows;
    EXPECT_EQ(talk->core().count().queued, 6U);
    EXPECT_THAT(talk->effects().loads, IsEmpty());
    EXPECT_THAT(drain(), SizeIs(6));
}

}  // namespace
}  // namespace sheaf::test
