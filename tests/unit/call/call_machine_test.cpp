// The decisions about calls, in virtual time.
#include "call/call_machine.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using runtime::job_end;
using runtime::job_status;

struct told : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Keeps what the machine wants done.
class recording final : public call_sink {
  public:
    struct job {
        attempt_key key;
        attempt_terms terms;
    };
    struct order {
        std::string control;
        std::vector<std::uint64_t> names;
    };

    void submit(attempt_key key, const call_plan&, const attempt_terms& how) override { jobs.push_back({key, how}); }
    void drop(attempt_key key) override { dropped.push_back(key.tag()); }
    void withdraw(attempt_key key) override { withdrawn.push_back(key.tag()); }
    void ask_status(attempt_key key, const std::string&) override { asked.push_back(key.tag()); }
    void ask_offered(const std::string& function) override { looked.push_back(function); }
    void ask_controls() override { ++asked_everybody; }
    void send_order(const std::string& control, std::span<const std::uint64_t> names) override {
        orders.push_back({control, {names.begin(), names.end()}});
    }
    void tell(call_plan of, raw_result outcome) override { ends.emplace(of.id, std::move(outcome)); }

    std::vector<job> jobs;
    std::vector<std::uint64_t> dropped;
    std::vector<std::uint64_t> withdrawn;
    int asked_everybody = 0;
    std::vector<std::uint64_t> asked;
    std::vector<std::string> looked;
    std::vector<order> orders;
    std::map<call_machine::call_id, raw_result> ends;
};

constexpr std::uint64_t seed = 4711;

class call_machine_in_time : public testing::Test {
  protected:
    recording out;
    call_machine machine{out, seed};
    call_machine::time_point now{1h};

    call_plan plan(std::chrono::milliseconds deadline = 1h) {
        call_plan made;
        made.id = ++last_id;
        made.task = "fs.stats";
        made.deadline = deadline;
        made.until = now + deadline;
        return made;
    }
    void submit(const call_plan& what) { machine.submit(what, now); }
    /// Lets time pass, with every deadline on the way kept.
    void pass(std::chrono::milliseconds time) {
        const auto end = now + time;
        while (machine.next_deadline() <= end) {
            now = std::max(now, machine.next_deadline());
            machine.tick(now);
            machine.flush(now);
        }
        now = end;
    }
    attempt_key key(std::size_t job) const { return out.jobs.at(job).key; }
    void created(std::size_t job) { machine.created(key(job), "H:x:" + std::to_string(job)); }
    void begins(std::size_t job, const std::string& control = "sheaf.ctl.a") {
        created(job);
        machine.alive(key(job), control, now);
        machine.flush(now);
    }
    void completes(std::size_t job, std::string_view with = "r") {
        machine.ended(key(job), {.how = job_end::kind::complete, .data = write_answer(with), .why = {}}, now);
    }
    void fails(std::size_t job, const failure& why) {
        machine.ended(key(job), {.how = job_end::kind::exception, .data = write_failure(why), .why = {}}, now);
    }
    void loses(std::size_t job) { fails(job, {.code = errc::worker_lost, .message = "killed", .attempt = 1}); }
    void is_gone(std::size_t job) { machine.status(key(job), job_status{}, now); }
    void status(std::size_t job, bool running) { machine.status(key(job), job_status{true, running, 0, 0}, now); }
    const failure& failed(call_machine::call_id id) { return out.ends.at(id).error(); }

    call_machine::call_id last_id = 0;
};

std::shared_ptr<const retry> tries(retry rules) { return std::make_shared<const retry>(std::move(rules)); }

// ---- Attempts.

TEST_F(call_machine_in_time, a_call_is_one_job_and_ends_with_its_answer) {
    submit(plan());
    completes(0, "result");
    EXPECT_EQ(out.ends.at(1)->view(), "result");
    EXPECT_EQ(out.jobs.size(), 1U);
    EXPECT_EQ(machine.open_calls(), 0U);
    EXPECT_EQ(machine.next_deadline(), call_machine::time_point::max());
}

TEST_F(call_machine_in_time, pauses_between_attempts_grow_up_to_the_cap) {
    call_plan retried = plan();
    retried.retry = tries(retry{5}.backoff(100ms).cap(250ms));
    submit(retried);
    for (const auto pause : {100ms, 200ms, 250ms, 250ms}) {
        const std::size_t before = out.jobs.size();
        loses(before - 1);
        pass(pause - 1ms);
        EXPECT_EQ(out.jobs.size(), before) << pause.count();
        pass(1ms);
        EXPECT_EQ(out.jobs.size(), before + 1) << pause.count();
    }
    loses(4);
    EXPECT_EQ(failed(1).code, errc::worker_lost);
    EXPECT_EQ(failed(1).attempt, 5U);
    EXPECT_EQ(out.jobs.size(), 5U);
}

TEST_F(call_machine_in_time, jitter_shortens_pauses_by_its_share_at_most_and_the_same_way_for_one_seed) {
    const auto pause_with = [](std::uint64_t from) {
        recording sink;
        call_machine one(sink, from);
        const call_machine::time_point start{1h};
        call_plan retried;
        retried.id = 1;
        retried.retry = tries(retry{2}.backoff(1000ms).jitter(0.5));
        one.submit(retried, start);
        one.ended(sink.jobs[0].key, {.how = job_end::kind::not_run, .data = {}, .why = {errc::connection_lost, "x"}},
                  start);
        return one.next_deadline() - start;
    };
    EXPECT_EQ(pause_with(1), pause_with(1));
    EXPECT_NE(pause_with(1), pause_with(2));
    for (std::uint64_t one = 0; one < 50; ++one) {
        EXPECT_GE(pause_with(one), 500ms);
        EXPECT_LE(pause_with(one), 1000ms);
    }
}

TEST_F(call_machine_in_time, what_the_handler_throws_is_tried_again_only_where_a_rule_names_it) {
    call_plan retried = plan();
    retried.retry = tries(retry{3}.on<told>());
    retried.typed_again = 0b10;  // the second of the task's errors
    submit(retried);
    fails(0, {.code = errc::remote_exception, .message = "again", .typed_index = 1});
    ASSERT_EQ(out.jobs.size(), 2U);
    fails(1, {.code = errc::remote_exception, .message = "not", .typed_index = 0});
    EXPECT_EQ(failed(1).message, "not");
}

TEST_F(call_machine_in_time, hosts_try_by_themselves_only_when_no_pause_is_asked_for) {
    call_plan quick = plan();
    quick.retry = tries(retry{3});
    submit(quick);
    call_plan slow = plan();
    slow.retry = tries(retry{3}.backoff(10ms));
    submit(slow);
    EXPECT_EQ(out.jobs[0].terms.attempts, 3U);
    EXPECT_EQ(out.jobs[1].terms.attempts, 1U);
    fails(0, {.code = errc::worker_lost, .attempt = 2});  // its host has made two
    EXPECT_EQ(out.jobs[2].terms.attempts, 1U);
    EXPECT_EQ(out.jobs[0].terms.tried, 0U);
    EXPECT_EQ(out.jobs[2].terms.tried, 2U);
    EXPECT_NE(out.jobs[2].terms.name, out.jobs[0].terms.name);
}

TEST_F(call_machine_in_time, a_stream_is_not_begun_again_after_its_first_chunk) {
    call_plan stream = plan();
    stream.stream = true;
    stream.retry = tries(retry{2});
    submit(stream);
    loses(0);
    ASSERT_EQ(out.jobs.size(), 2U);
    EXPECT_NE(machine.heard_chunk(key(1), 0, now), nullptr);
    loses(1);
    EXPECT_EQ(out.jobs.size(), 2U);
    EXPECT_EQ(failed(1).code, errc::worker_lost);
}

TEST_F(call_machine_in_time, a_stream_that_another_worker_begins_anew_has_lost_its_worker) {
    call_plan stream = plan();
    stream.stream = true;
    submit(stream);
    begins(0);
    EXPECT_NE(machine.heard_chunk(key(0), 0, now), nullptr);
    EXPECT_NE(machine.heard_chunk(key(0), 1, now), nullptr);
    EXPECT_EQ(machine.heard_chunk(key(0), 0, now), nullptr);
    machine.flush(now);
    EXPECT_EQ(failed(1).code, errc::worker_lost);
    EXPECT_EQ(out.orders.size(), 1U) << "who began it anew is told to stop";
}

TEST_F(call_machine_in_time, what_a_worker_says_of_attempts_does_not_add_attempts) {
    call_plan retried = plan();
    retried.retry = tries(retry{4});
    submit(retried);
    for (std::size_t i = 0; i < out.jobs.size() && i < 10; ++i) {
        fails(i, {.code = errc::worker_lost, .attempt = i % 2 == 0 ? 1U : ~0U});
    }
    EXPECT_EQ(out.jobs.size(), 2U);
    EXPECT_EQ(failed(1).code, errc::worker_lost);
}

// ---- Clocks.

TEST_F(call_machine_in_time, the_deadline_ends_a_call_and_says_whether_anybody_offers_the_task) {
    submit(plan(10s));
    created(0);
    pass(9500ms);
    EXPECT_EQ(out.looked, std::vector<std::string>{"fs.stats"});
    machine.offered("fs.stats", 0, now);
    pass(499ms);
    EXPECT_TRUE(out.ends.empty());
    pass(1ms);
    EXPECT_EQ(failed(1).code, errc::timeout);
    EXPECT_EQ(failed(1).clock, call_clock::deadline);
    EXPECT_NE(failed(1).message.find("0 workers offer it"), std::string::npos) << failed(1).message;
}

TEST_F(call_machine_in_time, nobody_is_asked_who_offers_a_task_that_answers_in_time) {
    submit(plan(10s));
    completes(0);
    pass(20s);
    EXPECT_TRUE(out.looked.empty());
}

TEST_F(call_machine_in_time, one_look_serves_all_calls_of_a_task) {
    for (int i = 0; i < 1000; ++i) submit(plan(1s));
    pass(2s);
    EXPECT_EQ(out.ends.size(), 1000U);
    EXPECT_EQ(out.looked.size(), 1U);
}

TEST_F(call_machine_in_time, time_in_the_queue_ends_with_no_worker_when_nobody_offers_the_task) {
    call_plan impatient = plan();
    impatient.queue_timeout = 10s;
    submit(impatient);
    created(0);
    pass(10s);
    ASSERT_EQ(out.asked.size(), 1U);
    status(0, false);
    status(0, false);
    EXPECT_EQ(out.withdrawn, std::vector<std::uint64_t>{key(0).tag()}) << "its job is of no use any more";
    EXPECT_TRUE(out.ends.empty());
    machine.offered("fs.stats", 0, now);
    EXPECT_EQ(failed(1).code, errc::no_worker);
    EXPECT_EQ(failed(1).message, "\"fs.stats\" queued 10 s, 0 workers offer it");
}

TEST_F(call_machine_in_time, time_in_the_queue_ends_with_timeout_when_workers_are_busy) {
    call_plan impatient = plan();
    impatient.queue_timeout = 10s;
    submit(impatient);
    created(0);
    pass(10s);
    status(0, false);
    machine.offered("fs.stats", 2, now);
    EXPECT_EQ(failed(1).code, errc::timeout);
    EXPECT_EQ(failed(1).clock, call_clock::queue);
}

TEST_F(call_machine_in_time, a_begun_attempt_is_no_longer_in_the_queue) {
    call_plan impatient = plan();
    impatient.queue_timeout = 10s;
    submit(impatient);
    begins(0);
    submit(impatient = [&] {
        auto other = plan();
        other.queue_timeout = 10s;
        return other;
    }());
    created(1);
    pass(10s);
    status(1, true);  // it runs, though its worker has not said so
    pass(1min);
    EXPECT_TRUE(out.ends.empty());
}

TEST_F(call_machine_in_time, an_attempt_that_takes_too_long_is_stopped_and_tried_elsewhere) {
    call_plan limited = plan();
    limited.attempt_timeout = 100ms;
    limited.retry = tries(retry{2});
    submit(limited);
    pass(40ms);
    begins(0);
    pass(124ms);
    EXPECT_EQ(out.jobs.size(), 1U) << "the worker's own report has a moment to arrive";
    pass(2ms);
    ASSERT_EQ(out.jobs.size(), 2U);
    ASSERT_EQ(out.orders.size(), 1U);
    EXPECT_EQ(out.orders[0].names, std::vector<std::uint64_t>{out.jobs[0].terms.name});
    begins(1);
    pass(1s);
    EXPECT_EQ(failed(1).clock, call_clock::attempt);
}

TEST_F(call_machine_in_time, an_attempt_without_a_sign_of_life_is_timed_from_when_the_server_says_that_it_runs) {
    call_plan limited = plan();
    limited.form = wire_form::raw;
    limited.attempt_timeout = 100ms;
    submit(limited);
    created(0);
    pass(50ms);
    ASSERT_EQ(out.asked.size(), 1U);
    status(0, false);
    pass(50ms);
    ASSERT_EQ(out.asked.size(), 2U);
    status(0, true);
    pass(124ms);
    EXPECT_TRUE(out.ends.empty());
    pass(1ms);
    EXPECT_EQ(failed(1).clock, call_clock::attempt);
}

TEST_F(call_machine_in_time, a_silent_worker_counts_as_lost) {
    call_plan watched = plan();
    watched.heartbeat = 300ms;
    watched.retry = tries(retry{2});
    submit(watched);
    begins(0);
    for (int i = 0; i < 10; ++i) {
        pass(299ms);
        machine.alive(key(0), "sheaf.ctl.a", now);
    }
    EXPECT_TRUE(out.asked.empty());
    pass(300ms);
    ASSERT_EQ(out.asked.size(), 1U);
    status(0, true);
    EXPECT_EQ(out.jobs.size(), 2U);
    completes(0);
    EXPECT_TRUE(out.ends.empty()) << "a late result of a lost worker changes nothing";
    completes(1);
    EXPECT_TRUE(out.ends.at(1).has_value());
}

TEST_F(call_machine_in_time, silence_in_the_queue_is_no_loss) {
    call_plan watched = plan();
    watched.heartbeat = 300ms;
    submit(watched);
    created(0);
    for (std::size_t i = 1; i < 10; ++i) {
        pass(300ms);
        ASSERT_EQ(out.asked.size(), i);
        status(0, false);
    }
    pass(300ms);
    status(0, true);  // taken, and nothing heard: from now on it has to say something
    pass(300ms);
    status(0, true);
    EXPECT_EQ(failed(1).code, errc::worker_lost);
    EXPECT_EQ(failed(1).clock, call_clock::heartbeat);
}

// ---- Hedging.

TEST_F(call_machine_in_time, of_two_copies_the_first_good_end_wins_and_the_other_is_stopped) {
    call_plan hedged = plan();
    hedged.idempotent = true;
    hedged.hedge = 50ms;
    submit(hedged);
    begins(0, "sheaf.ctl.slow");
    pass(49ms);
    EXPECT_EQ(out.jobs.size(), 1U);
    pass(1ms);
    ASSERT_EQ(out.jobs.size(), 2U);
    pass(1s);
    EXPECT_EQ(out.jobs.size(), 2U) << "not a third";
    completes(1, "fast");
    machine.flush(now);
    EXPECT_EQ(out.ends.at(1)->view(), "fast");
    ASSERT_EQ(out.orders.size(), 1U);
    EXPECT_EQ(out.orders[0].control, "sheaf.ctl.slow");
}

TEST_F(call_machine_in_time, a_copy_that_fails_leaves_the_other_its_chance) {
    call_plan hedged = plan();
    hedged.idempotent = true;
    hedged.hedge = 50ms;
    submit(hedged);
    pass(50ms);
    loses(0);
    EXPECT_TRUE(out.ends.empty());
    completes(1);
    EXPECT_TRUE(out.ends.at(1).has_value());
}

TEST_F(call_machine_in_time, only_idempotent_calls_without_a_key_are_hedged) {
    call_plan once = plan();
    once.hedge = 1ms;
    submit(once);
    EXPECT_EQ(failed(1).code, errc::invalid_argument);
    call_plan keyed = plan();
    keyed.hedge = 1ms;
    keyed.idempotent = true;
    keyed.unique = "key";
    submit(keyed);
    EXPECT_EQ(failed(2).code, errc::invalid_argument);
    EXPECT_TRUE(out.jobs.empty());
}

// ---- Cancellation.

TEST_F(call_machine_in_time, a_cancelled_call_ends_at_once_and_its_queued_job_goes) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    EXPECT_EQ(failed(1).code, errc::cancelled);
    ASSERT_EQ(out.asked.size(), 1U) << "is it queued?";
    EXPECT_TRUE(machine.has_loose_ends());
    status(0, false);
    EXPECT_EQ(out.withdrawn.size(), 1U);
    EXPECT_EQ(out.asked.size(), 2U) << "was it queued until then?";
    is_gone(0);
    EXPECT_EQ(out.dropped.size(), 1U);
    EXPECT_FALSE(machine.has_loose_ends());
    EXPECT_EQ(machine.next_deadline(), now + 10ms) << "only for workers that stopped something";
}

TEST_F(call_machine_in_time, a_withdrawn_job_that_stock_servers_still_count_is_no_loose_end) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    status(0, false);
    status(0, false);
    EXPECT_EQ(out.withdrawn.size(), 1U);
    EXPECT_EQ(out.dropped.size(), 1U);
    EXPECT_FALSE(machine.has_loose_ends());
}

TEST_F(call_machine_in_time, a_job_that_began_while_it_was_withdrawn_is_stopped_wherever_it_runs) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    status(0, false);
    machine.ended(key(0), {.how = job_end::kind::failed, .data = {}, .why = {}}, now);  // by the server
    status(0, true);
    EXPECT_EQ(out.asked_everybody, 1);
    machine.controls({"sheaf.ctl.a", "sheaf.ctl.b"});
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 2U);
    for (const auto& order : out.orders) EXPECT_EQ(order.names.front(), out.jobs[0].terms.name);
    pass(200ms);
    is_gone(0);
    EXPECT_EQ(machine.next_deadline(), call_machine::time_point::max());
}

TEST_F(call_machine_in_time, a_question_without_an_answer_is_asked_again) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    machine.status(key(0), std::nullopt, now);
    EXPECT_TRUE(out.dropped.empty());
    EXPECT_TRUE(machine.has_loose_ends());
    pass(200ms);
    EXPECT_EQ(out.asked.size(), 2U);
    machine.status(key(0), std::nullopt, now);
    pass(1min);
    EXPECT_EQ(out.dropped.size(), 1U) << "in the end nobody can say";
    EXPECT_EQ(machine.next_deadline(), call_machine::time_point::max());
}

TEST_F(call_machine_in_time, a_running_job_whose_worker_says_nothing_is_stopped_wherever_it_runs) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    status(0, true);
    EXPECT_EQ(out.asked_everybody, 0) << "its sign of life may be on its way";
    pass(200ms);
    status(0, true);
    EXPECT_EQ(out.asked_everybody, 1);
    machine.controls({});
    pass(400ms);
    status(0, true);
    EXPECT_EQ(out.asked_everybody, 2) << "until its end is known";
}

TEST_F(call_machine_in_time, an_order_that_has_no_effect_is_given_again) {
    submit(plan());
    begins(0);
    machine.cancel(1, now);
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 1U);
    pass(200ms);
    status(0, true);
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 2U);
    machine.alive(key(0), "sheaf.ctl.b", now);  // its worker was lost, and it runs elsewhere
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 3U);
    EXPECT_EQ(out.orders[2].control, "sheaf.ctl.b");
    completes(0);
    pass(1h);
    EXPECT_EQ(out.orders.size(), 3U);
    EXPECT_EQ(machine.next_deadline(), call_machine::time_point::max());
}

TEST_F(call_machine_in_time, a_cancelled_call_that_just_began_is_stopped_when_its_sign_of_life_comes) {
    submit(plan());
    created(0);
    machine.cancel(1, now);
    machine.flush(now);
    status(0, true);
    EXPECT_TRUE(out.orders.empty());
    machine.alive(key(0), "sheaf.ctl.b", now);
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 1U);
    EXPECT_EQ(out.orders[0].control, "sheaf.ctl.b");
    EXPECT_EQ(out.orders[0].names.front(), out.jobs[0].terms.name);
    machine.alive(key(0), "sheaf.ctl.b", now);
    machine.flush(now);
    EXPECT_EQ(out.orders.size(), 1U) << "once is enough";
    completes(0);
    EXPECT_EQ(out.ends.size(), 1U);
}

TEST_F(call_machine_in_time, a_call_that_is_cancelled_before_the_server_has_named_its_job_is_asked_about_then) {
    submit(plan());
    machine.cancel(1, now);
    EXPECT_EQ(failed(1).code, errc::cancelled);
    EXPECT_TRUE(out.asked.empty());
    created(0);
    EXPECT_EQ(out.asked.size(), 1U);
}

TEST_F(call_machine_in_time, orders_to_one_worker_are_one_and_name_what_it_may_be_about_to_run) {
    for (int i = 0; i < 3; ++i) submit(plan());
    begins(0);
    begins(1);
    created(2);
    for (call_machine::call_id id = 1; id <= 3; ++id) machine.cancel(id, now);
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 1U);
    EXPECT_EQ(out.orders[0].names,
              (std::vector<std::uint64_t>{out.jobs[0].terms.name, out.jobs[1].terms.name, out.jobs[2].terms.name}));
}

TEST_F(call_machine_in_time, who_stopped_something_is_told_of_what_is_given_up_soon_after) {
    for (int i = 0; i < 3; ++i) submit(plan());
    begins(0);
    created(1);
    created(2);
    machine.cancel(1, now);
    machine.flush(now);
    ASSERT_EQ(out.orders.size(), 1U);
    machine.cancel(2, now);
    machine.cancel(3, now);
    machine.flush(now);
    EXPECT_EQ(out.orders.size(), 1U) << "in batches";
    pass(10ms);
    ASSERT_EQ(out.orders.size(), 2U);
    EXPECT_EQ(out.orders[1].names, (std::vector<std::uint64_t>{out.jobs[1].terms.name, out.jobs[2].terms.name}));
    pass(1h);
    EXPECT_EQ(out.orders.size(), 2U);
}

TEST_F(call_machine_in_time, a_server_is_asked_about_some_jobs_at_a_time) {
    for (int i = 0; i < 1000; ++i) {
        submit(plan());
        created(static_cast<std::size_t>(i));
    }
    for (call_machine::call_id id = 1; id <= 1000; ++id) machine.cancel(id, now);
    EXPECT_LT(out.asked.size(), 500U);
    for (std::size_t i = 0; i < out.asked.size(); ++i)
        machine.status(attempt_key::of_tag(out.asked[i]), job_status{}, now);
    EXPECT_EQ(out.asked.size(), 1000U);
    EXPECT_EQ(out.dropped.size(), 1000U);
    EXPECT_FALSE(machine.has_loose_ends());
}

TEST_F(call_machine_in_time, a_job_with_a_unique_key_is_left_to_others) {
    call_plan keyed = plan();
    keyed.unique = "key";
    submit(keyed);
    begins(0);
    machine.cancel(1, now);
    machine.flush(now);
    EXPECT_TRUE(out.orders.empty());
    EXPECT_TRUE(out.asked.empty());
    EXPECT_EQ(out.dropped.size(), 1U) << "only this side stops listening";
}

TEST_F(call_machine_in_time, closing_ends_all_calls_and_refuses_others) {
    submit(plan());
    begins(0);
    machine.close(errc::shutting_down, "the end", now);
    machine.flush(now);
    EXPECT_EQ(failed(1).code, errc::shutting_down);
    EXPECT_EQ(out.orders.size(), 1U);
    submit(plan());
    EXPECT_EQ(failed(2).code, errc::shutting_down);
}

}  // namespace
}  // namespace sheaf::detail
