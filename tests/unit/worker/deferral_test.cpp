// Jobs that are ended after their handlers: in which order reports come, and what the core makes of them.
#include "worker/deferral.hpp"

#include <gmock/gmock.h>

#include "worker_script.hpp"

namespace sheaf::test {
namespace {

using runtime::deferral;
using runtime::job_answer;
using runtime::job_report;
using runtime::worker_job;
using testing::ElementsAre;
using testing::IsEmpty;
using kind = runtime::job_report::kind;

job_answer text(std::string_view what) { return job_answer::complete(shared_bytes(what)); }

/// A handler in the only slot of an exchange, which has deferred its job.
struct deferred_handler : runtime::exchange_host {
    deferred_handler() {
        job.handle = "H:1";
        std::array<worker_job*, 1> jobs{&job};
        (void)exchange.hand_over(jobs);
        EXPECT_EQ(exchange.next(0, {}, now), &job);
        state = std::make_shared<deferral>(job, exchange.stop_token_of(0), exchange, guests);
        given = runtime::make_deferred_job(state);
    }
    void call_io() override { ++calls; }
    void start_thread(std::size_t) override {}
    bool turn(bool) override { return true; }

    std::vector<std::string> reported() {
        std::vector<job_report> reports;
        (void)exchange.take_reports(reports, false);
        std::vector<std::string> words;
        for (const auto& one : reports) {
            words.push_back((one.what == kind::done     ? "done "
                             : one.what == kind::defer  ? "defer "
                             : one.what == kind::expire ? "expire "
                                                        : "data ") +
                            std::string(one.answer.data.view()));
        }
        return words;
    }

    worker_job job;
    int calls = 0;
    runtime::job_exchange::time_point now{1000s};
    runtime::job_exchange exchange{1, 0, *this};
    std::shared_ptr<runtime::visitors> guests = std::make_shared<runtime::visitors>();
    std::shared_ptr<deferral> state;
    std::unique_ptr<runtime::deferred_job> given;
};

TEST(worker_deferral, a_job_that_ends_after_its_handler_is_reported_twice_in_order) {
    deferred_handler run;
    run.given->send_data("early");
    EXPECT_FALSE(run.state->leave(0, 1ms));
    run.given->send_data("late");
    EXPECT_TRUE(run.given->end(text("out")));
    EXPECT_FALSE(run.given->end(text("again")));
    run.given->send_data("too late");
    EXPECT_THAT(run.reported(), ElementsAre("data early", "defer ", "data late", "done out"));
    EXPECT_GT(run.calls, 0);
}

TEST(worker_deferral, a_job_that_ends_before_its_handler_is_reported_by_it) {
    deferred_handler run;
    EXPECT_TRUE(run.given->end(text("out")));
    EXPECT_THAT(run.reported(), IsEmpty());
    const auto answer = run.state->leave(0, 1ms);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->data.view(), "out");
    EXPECT_THAT(run.reported(), IsEmpty());
}

TEST(worker_deferral, a_job_that_nobody_ends_ends_with_an_exception) {
    deferred_handler run;
    run.given.reset();
    const auto answer = run.state->leave(0, 1ms);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->how, job_answer::kind::exception);
}

TEST(worker_deferral, its_time_out_and_its_stop_token_stay_in_force) {
    deferred_handler run;
    job_report limit;
    limit.what = kind::expire;
    limit.job = &run.job;
    run.exchange.report_if_long(0, std::move(limit));
    EXPECT_FALSE(run.state->leave(0, 1ms));
    EXPECT_THAT(run.reported(), ElementsAre("expire ", "defer "));
    ASSERT_TRUE(run.job.stop);
    run.job.stop->request_stop();
    EXPECT_TRUE(run.given->stop_token().stop_requested());
}

TEST(worker_deferral, nothing_is_said_to_a_worker_that_is_gone) {
    deferred_handler run;
    EXPECT_FALSE(run.state->leave(0, 1ms));
    (void)run.reported();
    run.guests->close();
    run.given->send_data("late");
    EXPECT_TRUE(run.given->end(text("out")));
    EXPECT_THAT(run.reported(), IsEmpty());
}

// ---- The core.

TEST(worker_deferral, deferred_jobs_make_room_for_others_up_to_a_limit) {
    worker_script talk(1, {.servers = {}, .slots = 1, .deferred_max = 2});
    talk.begin();
    for (const char* handle : {"H:1", "H:2"}) {
        talk.assigns(0, handle);
        EXPECT_THAT(talk.hears(), IsEmpty());
        talk.defers(handle);
        EXPECT_THAT(talk.hears(), ElementsAre("GRAB_JOB_UNIQ"));
    }
    talk.assigns(0, "H:3");
    talk.defers("H:3");
    EXPECT_THAT(talk.hears(), IsEmpty());
    talk.ends_deferred("H:1", "out");
    EXPECT_THAT(talk.hears(), ElementsAre("WORK_COMPLETE H:1|out", "GRAB_JOB_UNIQ"));
}

TEST(worker_deferral, a_worker_that_drains_waits_for_them_and_stops_them_in_the_end) {
    worker_script talk(1, {.servers = {}, .drain_grace = 1s});
    talk.begin();
    talk.assigns(0, "H:1");
    talk.defers("H:1");
    (void)talk.hears();
    talk.says<packet_type::no_job>(0);
    talk.core->drain(talk.now);
    talk.passes(1s);
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    EXPECT_EQ(talk.times_finished, 0);
    talk.ends_deferred("H:1", "out");
    EXPECT_EQ(talk.times_finished, 1);
}

TEST(worker_deferral, who_was_to_be_stopped_while_it_was_deferred_is_told_again) {
    worker_script talk;
    talk.begin();
    talk.assigns(0, "H:1");
    ASSERT_THAT(talk.running(), ElementsAre("H:1"));
    talk.cut();
    EXPECT_THAT(talk.stopped, ElementsAre("H:1"));
    talk.defers("H:1");
    EXPECT_THAT(talk.stopped, ElementsAre("H:1", "H:1"));
    talk.ends_deferred("H:1", "dropped");
    EXPECT_THAT(talk.hears(), IsEmpty());
}

}  // namespace
}  // namespace sheaf::test
