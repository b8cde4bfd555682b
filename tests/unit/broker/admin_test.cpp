// What operators see and do in the text protocol.
#include <gmock/gmock.h>

#include "support/conversation.hpp"

namespace sheaf::test {
namespace {

using enum protocol::packet_type;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(admin, status_counts_all_jobs_the_running_ones_and_workers) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "", "").says<submit_job_low>("f", "", "").says<submit_job_high>("g", "", "");
    client.says<submit_job_epoch>("f", "", "2000000", "");
    talk.stores(4);
    worker.says<grab_job>();
    auto operator_ = talk.peer();
    operator_.asks("status").asks("prioritystatus");
    EXPECT_THAT(operator_.hears(), ElementsAre("f\t3\t1\t1", "g\t1\t0\t0", ".", "f\t0\t1\t1\t1", "g\t1\t0\t0\t0", "."));
}

TEST(admin, workers_lists_every_connection) {
    conversation talk;
    auto worker = talk.worker("f", "g");
    auto asker = talk.peer();
    worker.says<set_client_id>("w1");
    asker.asks("workers");
    EXPECT_THAT(asker.hears(), ElementsAre("30 127.0.0.1 w1 : g f", "31 127.0.0.1 - :", "."));
}

TEST(admin, show_jobs_and_unique_jobs) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "one", "");
    worker.says<grab_job>();
    client.leaves();
    auto asker = talk.peer();
    asker.says<submit_job_bg>("f", "", "");
    talk.stores(2);
    asker.asks("show jobs").asks("show unique jobs");
    EXPECT_THAT(asker.hears(), ElementsAre("JOB_CREATED H:2", "H:1\t0\t1\t0", "H:2\t0\t0\t1", ".", "one", "", "."));
}

TEST(admin, a_cancelled_queued_job_fails_and_is_never_handed_out) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    auto boss = talk.peer();
    client.says<submit_job>("f", "", "");
    boss.asks("cancel job H:1").asks("cancel job H:1").asks("cancel job H:x");
    EXPECT_THAT(boss.hears(), ElementsAre("OK\r", "ERR UNKNOWN_JOB\r", "ERR UNKNOWN_JOB\r"));
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    worker.says<grab_job>();
    EXPECT_THAT(worker.hears(), ElementsAre("NO_JOB"));
}

TEST(admin, a_cancelled_running_job_fails_once_and_what_its_worker_says_later_is_dropped) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "");
    worker.says<grab_job>();
    client.asks("cancel job H:1");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "OK\r", "WORK_FAIL H:1"));
    client.says<submit_job>("f", "key", "");
    worker.says<work_status>("H:1", "1", "2").says<work_exception>("H:1", "").says<work_fail>("H:1");
    EXPECT_THAT(worker.hears(), ElementsAre("JOB_ASSIGN H:1|f|"));
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:2"));
    EXPECT_TRUE(talk.core().idle());
}

TEST(admin, a_cancelled_running_job_is_not_handed_out_again_when_its_worker_is_lost) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job_bg>("f", "", "");
    talk.stores(1);
    worker.says<grab_job>();
    client.asks("cancel job H:1");
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1));
    worker.leaves();
    EXPECT_EQ(talk.core().count().queued, 0U);
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1));
}

TEST(admin, an_uncommitted_job_that_is_cancelled_is_acknowledged_when_the_store_answers) {
    conversation talk;
    auto background = talk.peer();
    auto client = talk.peer();
    auto boss = talk.peer();
    background.says<submit_job_bg>("f", "key", "");
    client.says<submit_job>("f", "key", "");
    boss.asks("cancel job H:1");
    EXPECT_THAT(background.hears(), IsEmpty());
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_FAIL H:1"));
    talk.stores(1);
    EXPECT_THAT(background.hears(), ElementsAre("JOB_CREATED H:1"));
    EXPECT_EQ(talk.core().count().queued, 0U);
}

TEST(admin, a_job_that_the_store_has_is_cancelled_when_the_store_has_heard_of_it) {
    conversation talk;
    auto boss = talk.peer();
    auto client = talk.peer();
    for (std::uint64_t job = 1; job <= 2; ++job) {
        client.says<submit_job_bg>("f", "", "");
        talk.stores(job);
    }
    boss.asks("cancel job H:1").asks("version");
    EXPECT_THAT(talk.effects().forgotten, ElementsAre(1));
    EXPECT_THAT(boss.hears(), IsEmpty()) << "a crash must not undo what was said to be done";
    talk.answers();
    EXPECT_THAT(boss.hears(), ElementsAre("OK\r", testing::StartsWith("OK ")));
    boss.asks("cancel job H:1").asks("cancel job H:2");
    talk.answers("store_full: a crash undoes it");
    EXPECT_THAT(boss.hears(), ElementsAre("ERR UNKNOWN_JOB\r", "ERR QUEUE_ERROR store_full:+a+crash+undoes+it\r"));
}

TEST(admin, functions_are_created_and_dropped_but_never_under_jobs_or_workers) {
    conversation talk;
    auto boss = talk.peer();
    boss.asks("create function f").asks("status").asks("drop function f").asks("drop function f").asks("status");
    EXPECT_THAT(boss.hears(), ElementsAre("OK\r", "f\t0\t0\t0", ".", "OK\r", "ERR function not found\r", "."));
    boss.says<submit_job>("queued", "", "");
    [[maybe_unused]] const auto worker = talk.worker("offered");
    boss.asks("drop function queued").asks("drop function offered");
    constexpr auto in_use = "ERR there are still connected workers or executing clients\r";
    EXPECT_THAT(boss.hears(), ElementsAre("JOB_CREATED H:1", in_use, in_use));
}

TEST(admin, a_function_that_was_dropped_is_made_anew_by_the_next_submission) {
    conversation talk;
    auto client = talk.peer();
    auto worker = talk.worker("f");
    client.says<submit_job>("f", "", "");
    worker.says<grab_job>().says<work_complete>("H:1", "").says<reset_abilities>();
    client.asks("drop function f").asks("create function g").says<submit_job>("f", "", "").asks("status");
    EXPECT_THAT(client.hears(), ElementsAre("JOB_CREATED H:1", "WORK_COMPLETE H:1|", "OK\r", "OK\r", "JOB_CREATED H:2",
                                            "g\t0\t0\t0", "f\t1\t0\t0", "."));
}

TEST(admin, jobs_and_clients_are_listed_as_the_perl_server_does) {
    conversation talk;
    auto worker = talk.worker("f");
    auto client = talk.peer();
    client.says<submit_job>("f", "key", "").says<submit_job>("f", "", "");
    worker.says<grab_job>();
    (void)client.hears();
    client.asks("jobs").asks("clients");
    EXPECT_THAT(client.hears(), ElementsAre("f\tkey\t127.0.0.1:30\t1", "f\t\t-\t1", ".", "127.0.0.1:30", "127.0.0.1:31",
                                            "\tf\tkey\t127.0.0.1:30", "\tf\t\t-", "."));
}

TEST(admin, those_who_may_shut_the_server_down_are_obeyed) {
    struct {
        broker::shutdown_right right;
        std::string_view address;
        bool obeyed;
    } const cases[] = {{broker::shutdown_right::nobody, "unix", false},
                       {broker::shutdown_right::unix_sockets, "unix", true},
                       {broker::shutdown_right::unix_sockets, "127.0.0.1", false},
                       {broker::shutdown_right::everyone, "127.0.0.1", true}};
    for (const auto& one : cases) {
        conversation talk({.shutdown = one.right});
        auto boss = talk.peer(one.address);
        boss.asks("shutdown graceful").asks("shutdown").asks("shutdown now");
        const std::string refusal = "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r";
        const std::string answer = one.obeyed ? "OK\r" : refusal;
        EXPECT_THAT(boss.hears(), ElementsAre(answer, answer, refusal));
        EXPECT_EQ(talk.effects().shutdowns,
                  one.obeyed ? (std::vector<std::string>{"graceful", "soon"}) : std::vector<std::string>{});
    }
}

TEST(admin, the_server_tells_of_itself_and_does_not_stop_for_anyone_who_asks) {
    conversation talk({.version = "9.9", .verbosity = "INFO", .process_id = 42});
    auto boss = talk.peer();
    boss.asks("getpid").asks("version").asks("verbose").asks("maxqueue unknown 5").asks("shutdown");
    EXPECT_THAT(boss.hears(), ElementsAre("OK 42", "OK 9.9", "OK INFO", "OK\r",
                                          "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r"));
    EXPECT_THAT(talk.effects().closed, IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
