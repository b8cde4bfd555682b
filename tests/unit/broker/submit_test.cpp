// Submissions: what is queued, what coalesces, what is refused.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(submit, a_foreground_job_goes_to_a_worker_and_its_result_comes_back) {
    conversation talk;
    auto worker = talk.worker("reverse");
    auto client = talk.peer();
    client.says<submit_job>("reverse", "", "abc");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|reverse|abc"));
    worker.says<work_complete>("H:1", "cba");
    EXPECT_THAT(client.hears(), ElementsAre("WORK_COMPLETE H:1|cba"));
    EXPECT_THAT(worker.hears(), IsEmpty());
    EXPECT_EQ(talk.core().count().queued + talk.core().count().running, 0U);
    EXPECT_THAT(talk.effects().persisted, IsEmpty());
}

TEST(submit, each_kind_of_submission_has_its_priority) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_low>("f", "", "low").says<submit_job_low_bg>("f", "", "low bg");
    client.says<submit_job>("f", "", "normal").says<submit_job_bg>("f", "", "normal bg");
    client.says<submit_job_high>("f", "", "high").says<submit_job_high_bg>("f", "", "high bg");
    for (const std::uint64_t job : {2, 4, 6}) talk.stores(job);
    for (int i = 0; i < 7; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(),
                ElementsAre("JOB_ASSIGN H:5|f|high", "JOB_ASSIGN H:6|f|high bg", "JOB_ASSIGN H:3|f|normal",
                            "JOB_ASSIGN H:4|f|normal bg", "JOB_ASSIGN H:1|f|low", "JOB_ASSIGN H:2|f|low bg", "NO_JOB"));
}

TEST(submit, a_second_submit_with_the_same_unique_gets_the_first_handle) {
    conversation talk;
    auto worker = talk.worker("f");
    auto first = talk.peer();
    auto second = talk.peer();
    first.says<submit_job>("f", "key", "one");
    second.says<submit_job_high>("f", "key", "two");
    EXPECT_THAT(first.hears(), ElementsAre("JOB_CREATED H:1"));
    EXPECT_THAT(second.hears(), ElementsAre("JOB_CREATED H:1"));
    worker.says<grab_job_uniq>().says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|key|one", "NO_JOB"));
    worker.says<work_data>("H:1", "part").says<work_warning>("H:1", "careful").says<work_status>("H:1", "1", "2");
    worker.says<work_complete>("H:1", "done");
    const auto all =
        ElementsAre("WORK_DATA H:1|part", "WORK_WARNING H:1|careful", "WORK_STATUS H:1|1|2", "WORK_COMPLETE H:1|done");
    EXPECT_THAT(first.hears(), all);
    EXPECT_THAT(second.hears(), all);
}

TEST(submit, a_client_that_submits_a_running_job_twice_more_is_told_its_end_for_each) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "");
    worker.says<grab_job>();
    client.says<submit_job>("f", "key", "").says<submit_job>("f", "key", "");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:1", "JOB_CREATED H:1"));
    worker.says<work_fail>("H:1");
    EXPECT_THAT(client.hears(), ElementsAre("WORK_FAIL H:1", "WORK_FAIL H:1", "WORK_FAIL H:1"));
}

TEST(submit, a_unique_key_belongs_to_its_function_and_is_free_again_after_the_end) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "").says<submit_job>("g", "key", "");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2"));
    worker.says<grab_job>().says<work_complete>("H:1", "");
    client.says<submit_job>("f", "key", "");
    EXPECT_THAT(client.hears(), ElementsAre("WORK_COMPLETE H:1|", "JOB_CREATED H:3"));
}

TEST(submit, jobs_without_unique_never_coalesce) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job>("f", "", "same").says<submit_job>("f", "", "same");
    client.says<submit_job>("f", "-", "").says<submit_job>("f", "-", "");
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2", "JOB_CREATED H:3", "JOB_CREATED H:4"));
}

TEST(submit, a_dash_means_that_the_payload_is_the_key) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "-", "same").says<submit_job>("f", "-", "same").says<submit_job>("f", "-", "other");
    client.says<submit_job>("f", "same", "");
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:1", "JOB_CREATED H:2", "JOB_CREATED H:3"));
    worker.says<grab_job_all>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN_UNIQ H:1|f|-|same"));
}

TEST(submit, many_unique_keys_are_all_found_again) {
    conversation talk;
    auto client = talk.peer();
    constexpr int count = 1000;
    for (int i = 0; i < count; ++i) client.says<submit_job>("f", "key" + std::to_string(i), "");
    auto handles = client.hears();
    for (int i = 0; i < count; ++i) client.says<submit_job>("f", "key" + std::to_string(i), "");
    EXPECT_EQ(client.hears(), handles);
}

TEST(submit, words_above_the_limits_are_refused_and_those_at_the_limit_work) {
    conversation talk;
    auto client = talk.peer();
    const std::string unique(64, 'u');
    const std::string function(512, 'f');
    client.says<submit_job>(function, unique, "").says<submit_job>(function, unique, "");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:1"));
    client.says<submit_job>("f", unique + "u", "").says<submit_job>(function + "f", "", "");
    client.says<submit_reduce_job>("f", "", function + "f", "", "");
    EXPECT_THAT(client.hears(), ElementsAre("ERROR ARGUMENT_TOO_LARGE|The unique key is longer than 64 bytes",
                                            "ERROR ARGUMENT_TOO_LARGE|The function name is longer than 512 bytes",
                                            "ERROR ARGUMENT_TOO_LARGE|The reducer name is longer than 512 bytes"));
}

TEST(submit, a_full_queue_refuses_new_jobs_but_lets_clients_join) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.asks("maxqueue f 0 2 1");
    EXPECT_THAT(client.hears(), ElementsAre("OK\r"));
    client.says<submit_job>("f", "key", "").says<submit_job_low>("f", "", "");
    worker.says<grab_job>();  // running jobs count
    client.says<submit_job>("f", "", "").says<submit_job>("f", "", "").says<submit_job>("f", "key", "");
    client.says<submit_job_high>("f", "", "");
    EXPECT_THAT(client.hears(),
                ElementsAre("JOB_CREATED H:1", "ERROR QUEUE_ERROR|Job queue is full", "JOB_CREATED H:2",
                            "ERROR QUEUE_ERROR|Job queue is full", "JOB_CREATED H:1", "JOB_CREATED H:3"));
}

TEST(submit, a_reducer_is_told_to_workers_that_grab_all) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_reduce_job>("f", "u", "sum", "", "1").says<submit_reduce_job>("f", "v", "sum", "", "2");
    client.says<submit_job>("f", "w", "3");
    worker.says<grab_job_all>().says<grab_job_uniq>().says<grab_job_all>();
    EXPECT_THAT(worker.hears(),
                ElementsAre("JOB_ASSIGN_ALL H:1|f|u|sum|1", "JOB_ASSIGN_UNIQ H:2|f|v|2", "JOB_ASSIGN_UNIQ H:3|f|w|3"));
}

TEST(submit, an_epoch_job_runs_at_its_time_by_the_wall_clock_and_wakes_a_worker) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_epoch>("f", "key", "1000060", "later");
    talk.stores(1);
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1"));
    worker.says<grab_job>().says<pre_sleep>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
    talk.passes(59999ms);
    EXPECT_THAT(worker.hears(), IsEmpty());
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 1ms);
    talk.passes(1ms);
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NOOP", "JOB_ASSIGN H:1|f|later"));
}

TEST(submit, a_job_for_the_far_future_is_looked_at_often_because_the_wall_clock_may_be_set) {
    conversation talk;
    auto client = talk.peer();
    client.says<submit_job_epoch>("f", "", "99999999999999999999", "");
    talk.stores(1);
    EXPECT_EQ(talk.core().next_deadline(), talk.now().steady + 50ms);
    auto moved = talk.now();
    moved.wall = broker::wall_time{9'000'000'000s};
    talk.core().tick(moved);
    EXPECT_EQ(talk.core().next_deadline(), std::nullopt);
}

TEST(submit, an_epoch_that_is_past_or_no_number_is_now) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    for (const auto* epoch : {"5", "-5", "soon", "", "1000000"}) client.says<submit_job_epoch>("f", "", epoch, epoch);
    for (std::uint64_t job = 1; job <= 5; ++job) talk.stores(job);
    for (int i = 0; i < 5; ++i) worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|5", "JOB_ASSIGN H:2|f|-5", "JOB_ASSIGN H:3|f|soon",
                                            "JOB_ASSIGN H:4|f|", "JOB_ASSIGN H:5|f|1000000"));
}

TEST(submit, a_draining_server_takes_and_gives_no_jobs_but_lets_running_ones_end) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "a").says<submit_job>("f", "", "b");
    worker.says<grab_job>();
    talk.core().begin_drain(talk.now());
    EXPECT_FALSE(talk.core().idle());
    client.says<submit_job>("f", "", "c");
    worker.says<grab_job>().says<pre_sleep>().says<work_complete>("H:1", "A");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "JOB_CREATED H:2",
                                            "ERROR SHUTDOWN|The server is shutting down and takes no more jobs",
                                            "WORK_COMPLETE H:1|A"));
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|a", "NO_JOB"));
    EXPECT_TRUE(talk.core().idle());
}

TEST(submit, options_that_make_no_sense_are_refused_with_a_reason) {
    recording_sink sink;
    EXPECT_THROW(broker::core({.handle_prefix = std::string(44, 'p')}, sink), std::system_error);
    EXPECT_THROW(broker::core({.first_job = broker::job_id{0}}, sink), std::system_error);
}

}  // namespace
}  // namespace sheaf::test
