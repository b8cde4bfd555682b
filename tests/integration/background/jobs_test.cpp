// Typed background jobs against sheafd: done by whoever comes, found again by their ids, whatever is killed in between.
#include <future>
#include <thread>

#include "integration/background/desk_fixture.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST_F(background_jobs, a_job_waits_for_a_worker_and_its_id_leads_to_the_result_from_anywhere) {
    const auto job = here.enqueue(square(7));
    const background_status waiting = job.status();
    EXPECT_EQ(waiting.state, background_state::queued);
    EXPECT_EQ(waiting.why, "no worker offers desk.square");
    EXPECT_EQ(waiting.function, "desk.square");
    EXPECT_FALSE(job.try_get());
    start_worker();
    EXPECT_EQ(job.get(patience), 49);
    EXPECT_EQ(**job.try_get(), 49);
    cluster there = another_process(server);
    const auto same = there.attach(square, job.id());
    EXPECT_EQ(same.id(), job.id());
    EXPECT_EQ(same.status().state, background_state::completed);
    EXPECT_EQ(same.get(patience), 49);
}

TEST_F(background_jobs, jobs_and_results_survive_the_server) {
    const auto undone = here.enqueue(square(3));
    server.kill();
    server.start();
    EXPECT_EQ(undone.status(patience).state, background_state::queued);
    start_worker();
    EXPECT_EQ(undone.get(patience), 9);
    server.kill();
    server.start();
    cluster there = another_process(server);
    EXPECT_EQ(there.attach(square, undone.id()).get(patience), 9);
}

TEST_F(background_jobs, who_waits_for_a_result_goes_on_waiting_when_the_server_is_started_again) {
    const auto job = here.enqueue(hold(file("job")));
    start_worker();
    ASSERT_TRUE(appears(file("job.begun")));
    auto waiting = std::async(std::launch::async, [&] { return job.get(patience); });
    server.kill();
    server.start();
    write_file(file("job.go"), "");
    EXPECT_EQ(waiting.get(), "went");
}

TEST_F(background_jobs, a_delayed_job_says_when_it_is_due_and_runs_then) {
    start_worker();
    const auto late = here.enqueue(square(2), {.delay = 1h});
    const auto soon = here.enqueue(square(2), {.delay = 50ms});
    const auto timed = here.enqueue(square(2), {.at = std::chrono::system_clock::now() + 2h});
    const background_status waiting = late.status();
    EXPECT_EQ(waiting.state, background_state::delayed);
    EXPECT_THAT(waiting.why, HasSubstr("not due for 3"));
    EXPECT_GT(waiting.run_at, std::chrono::system_clock::now() + 59min);
    EXPECT_GT(timed.status().run_at, waiting.run_at);
    EXPECT_EQ(soon.get(patience), 4);
}

TEST_F(background_jobs, a_job_that_fails_is_tried_again_and_its_handler_knows_which_attempt_it_is) {
    start_worker();
    const auto job = here.enqueue(tally(file("lines"), 3), {.retry = retry{3}.backoff(10ms)});
    EXPECT_EQ(job.get(patience), 3);
    EXPECT_EQ(read_file(file("lines")), "1\n2\n3\n");
}

TEST_F(background_jobs, a_dead_letter_throws_what_the_task_declares_and_can_be_queued_again) {
    start_worker();
    const auto job = here.enqueue(tally(file("lines"), 3), {.retry = retry{2}});
    const auto why = thrown_by<not_yet>(job);
    EXPECT_STREQ(why.what(), "not yet");
    EXPECT_EQ(why.seen, 2);
    const background_status dead = job.status();
    EXPECT_EQ(dead.state, background_state::failed);
    EXPECT_EQ(dead.attempt, 2U);
    EXPECT_THAT(dead.why, HasSubstr("dead letter"));
    server.kill();
    server.start();
    job.retry(patience);
    EXPECT_EQ(job.get(patience), 3);
    EXPECT_THROW(job.retry(), call_error);
}

TEST_F(background_jobs, what_the_task_does_not_declare_is_a_remote_error_with_the_number_of_attempts) {
    start_worker();
    const auto why = thrown_by<remote_error>(here.enqueue(fail("no voice"), {.retry = retry{3}}));
    EXPECT_EQ(why.why().message, "no voice");
    EXPECT_EQ(why.why().attempt, 3U);
    EXPECT_EQ(why.why().task, "desk.fail");
}

TEST_F(background_jobs, a_worker_that_dies_is_reported_with_its_signal_and_is_an_attempt) {
    start_worker();
    const auto why = thrown_by<worker_lost>(here.enqueue(crash(), {.retry = retry{2}}));
    EXPECT_EQ(why.why().signal, SIGABRT);
    EXPECT_EQ(why.why().attempt, 2U);
    EXPECT_THAT(why.what(), Not(HasSubstr("it was the last"))) << "the server counts attempts, the worker does not";
}

TEST_F(background_jobs, a_handler_that_takes_too_long_is_an_attempt_that_failed) {
    start_worker();
    const auto job = here.enqueue(hold(file("job")), {.attempt_timeout = 50ms});
    EXPECT_EQ(thrown_by<timeout>(job).which(), call_clock::attempt);
}

TEST_F(background_jobs, a_queued_job_that_is_cancelled_never_begins) {
    const auto job = here.enqueue(hold(file("job")));
    EXPECT_EQ(job.cancel(), background_state::queued);
    EXPECT_EQ(job.status().state, background_state::unknown);
    EXPECT_EQ(job.cancel(), background_state::unknown);
    EXPECT_THROW((void)job.get(patience), result_gone);
}

TEST_F(background_jobs, a_running_job_that_is_cancelled_stops_and_who_waits_hears_of_it) {
    start_worker();
    const auto job = here.enqueue(hold(file("job")));
    ASSERT_TRUE(appears(file("job.begun")));
    const background_status running = job.status();
    EXPECT_EQ(running.state, background_state::running);
    EXPECT_EQ(running.done, 1U);
    EXPECT_EQ(running.total, 3U);
    EXPECT_EQ(running.attempt, 1U);
    future<std::string> waiting = job.fetch(patience);
    cluster there = another_process(server);
    EXPECT_EQ(there.attach(hold, job.id()).cancel(), background_state::running);
    EXPECT_THROW((void)waiting.get(), cancelled);
    EXPECT_TRUE(appears(file("job.stopped")));
    EXPECT_EQ(here.enqueue(square(5)).get(patience), 25);  // the worker is free
}

TEST_F(background_jobs, who_does_not_want_to_wait_longer_hears_why_it_takes_so_long_and_the_job_goes_on) {
    const auto job = here.enqueue(square(4));
    try {
        (void)job.get(20ms);
        FAIL() << "there is no worker";
    } catch (const timeout& late) {
        EXPECT_EQ(late.which(), call_clock::deadline);
        EXPECT_THAT(late.what(), HasSubstr("no worker offers desk.square"));
    }
    future<long> given_up = job.fetch(patience);
    given_up.cancel();
    EXPECT_THROW((void)given_up.get(), cancelled);
    start_worker();
    EXPECT_EQ(job.get(patience), 16);
}

TEST_F(background_jobs, results_can_be_awaited_together_and_called_back_with) {
    start_worker();
    const auto one = here.enqueue(square(1));
    const auto two = here.enqueue(square(2));
    auto both = when_all(one.fetch(patience), two.fetch(patience)).get();
    EXPECT_EQ(both, std::tuple(1L, 4L));
    std::promise<long> heard;
    two.fetch(patience).then([&](const result<long>& outcome) { heard.set_value(outcome.value_or(0)); });
    EXPECT_EQ(heard.get_future().get(), 4);
}

TEST_F(background_jobs, jobs_with_the_same_key_are_one_while_they_have_not_ended) {
    const auto first = here.enqueue(square(6), {.unique = by_arguments});
    const auto again = here.enqueue(square(6), {.retry = retry{2}, .unique = by_arguments});
    EXPECT_EQ(again.id(), first.id());
    EXPECT_NE(here.enqueue(square(7), {.unique = by_arguments}).id(), first.id());
}

TEST_F(background_jobs, a_result_is_kept_for_as_long_as_was_asked_for) {
    start_worker();
    const auto job = here.enqueue(square(8), {.keep = 0s});
    ASSERT_TRUE(eventually([&] { return job.status().state == background_state::unknown; }));
    EXPECT_THROW((void)job.get(patience), result_gone);
    const auto kept = here.enqueue(square(8), {.keep = 2h});
    EXPECT_EQ(kept.get(patience), 64);
    const auto status = kept.status();
    ASSERT_TRUE(status.expires && status.ended);
    EXPECT_EQ(*status.expires - *status.ended, 2h);
}

TEST_F(background_jobs, the_id_of_another_task_or_of_other_types_is_refused_and_both_are_named) {
    constexpr task<"desk.square", std::string(int)> square_of_another_build{};
    const std::string id = here.enqueue(square(1)).id();
    try {
        (void)here.attach(hold, id);
        FAIL() << "it is the id of another task";
    } catch (const schema_mismatch& why) {
        EXPECT_THAT(why.what(), HasSubstr("\"desk.square\", and was given for \"desk.hold\""));
    }
    try {
        (void)here.attach(square_of_another_build, id);
        FAIL() << "it has other types";
    } catch (const schema_mismatch& why) {
        EXPECT_THAT(why.what(), HasSubstr(id));
        EXPECT_THAT(why.what(), HasSubstr("desk.square(i4)->s"));
    }
    EXPECT_THROW((void)here.attach(square, "H:ant:17"), call_error);
}

TEST_F(background_jobs, the_id_leads_to_the_right_one_of_several_servers_whatever_they_are_called) {
    const durable_server other;
    const auto at = [](const durable_server& one, const char* host) {
        return std::string(host) + ":" + std::to_string(one.where().port);
    };
    const std::string id = here.enqueue(square(9)).id();
    const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
    for (const std::string& servers : {at(other, "127.0.0.1") + "," + at(server, "127.0.0.1"),
                                       nobody + "," + at(server, "localhost") + "," + at(other, "127.0.0.1"),
                                       at(other, "127.0.0.1") + "," + at(server, "localhost")}) {
        cluster both = cluster::connect(servers);
        EXPECT_EQ(both.attach(square, id).status(patience).state, background_state::queued) << servers;
    }
    cluster wrong = cluster::connect(at(other, "127.0.0.1") + "," + at(other, "localhost"));
    EXPECT_THROW((void)wrong.attach(square, id).status(patience), result_gone);
    cluster unsure = cluster::connect(at(other, "127.0.0.1") + "," + nobody);
    EXPECT_THROW((void)unsure.attach(square, id).status(200ms), timeout) << "who is away may have it";
}

TEST_F(background_jobs, the_server_says_what_it_promises) {
    const auto support = here.background_support();
    ASSERT_EQ(support.size(), 1U);
    EXPECT_TRUE(support[0].terms);
    EXPECT_EQ(support[0].durability, "full");
    EXPECT_EQ(support[0].server, to_string(server.where()));
}

TEST(background_jobs_elsewhere, stock_gearmand_takes_plain_jobs_and_what_it_cannot_do_is_refused) {
    stock_server stock;
    cluster here = cluster::connect(to_string(stock.where()));
    const auto support = here.background_support();
    ASSERT_EQ(support.size(), 1U);
    EXPECT_FALSE(support[0].terms);
    EXPECT_EQ(support[0].durability, "");
    const auto job = here.enqueue(square(7));
    EXPECT_EQ(job.status().state, background_state::queued);
    EXPECT_THROW((void)job.get(patience), not_supported);
    EXPECT_THROW(job.cancel(), not_supported);
    EXPECT_THROW(job.retry(), not_supported);
    for (const background_options& how :
         {background_options{.delay = 1s}, background_options{.retry = retry{2}}, background_options{.keep = 1h},
          background_options{.at = std::chrono::system_clock::now()}}) {
        const auto refused = here.try_enqueue(square(7), how);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::not_supported);
        EXPECT_THAT(refused.error().message, HasSubstr("is not Sheaf's own server"));
    }
    const function_status square_jobs = here.server_status().at(0).function("desk.square");
    EXPECT_EQ(square_jobs.queued, 1U);
    EXPECT_EQ(here.server_status().at(0).function("sheaf.enqueue").queued, 0U);
    const worker_program worker(to_string(stock.where()), "tests/desk", 1);
    EXPECT_TRUE(eventually([&] { return job.status().state == background_state::unknown; }));
}

}  // namespace
}  // namespace sheaf::test
