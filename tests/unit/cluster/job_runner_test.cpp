// What a worker process answers, with assignments of the test's own.
#include "cluster/job_runner.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/handler_thread.hpp>

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;
using kind = runtime::job_answer::kind;
using ::testing::HasSubstr;

constexpr task<"job_runner.twice", int(int)> twice{};

class fake_assignment final : public runtime::assignment {
  public:
    explicit fake_assignment(shared_bytes payload) : payload_(std::move(payload)) {}

    [[nodiscard]] std::string_view handle() const noexcept override { return "H:test:1"; }
    [[nodiscard]] std::string_view function() const noexcept override { return "function"; }
    [[nodiscard]] std::string_view unique() const noexcept override { return ""; }
    [[nodiscard]] std::string_view reducer() const noexcept override { return {}; }
    [[nodiscard]] std::unique_ptr<runtime::deferred_job> defer() override { return nullptr; }
    [[nodiscard]] const shared_bytes& payload() const noexcept override { return payload_; }
    [[nodiscard]] std::size_t slot() const noexcept override { return 0; }
    [[nodiscard]] std::size_t server() const noexcept override { return 0; }
    void send_data(std::string_view) override {}
    void send_warning(std::string_view text) override { warning = text; }
    void send_status(std::uint64_t done, std::uint64_t total) override {
        progress = {done, total};
        ++times_progressed;
    }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return stop.get_token(); }
    void expire_after(std::chrono::milliseconds after, shared_bytes exception) override {
        limit = after;
        at_limit = std::move(exception);
    }

    void give_up(shared_bytes exception) override { given_up = std::move(exception); }
    void say_every(std::chrono::milliseconds first, std::chrono::milliseconds every, shared_bytes data) override {
        first_sign = first;
        between_signs = every;
        sign = std::move(data);
    }
    bool lend_slot() override { return std::exchange(may_lend, false); }
    void take_slot_back() noexcept override { ++taken_back; }

    std::stop_source stop;
    std::optional<shared_bytes> given_up;
    std::optional<std::chrono::milliseconds> first_sign;
    std::chrono::milliseconds between_signs{};
    shared_bytes sign;
    bool may_lend = true;
    int taken_back = 0;
    int times_progressed = 0;
    std::string warning;
    std::pair<std::uint64_t, std::uint64_t> progress{};
    std::optional<std::chrono::milliseconds> limit;
    shared_bytes at_limit;

  private:
    shared_bytes payload_;
};

class job_runner_test : public ::testing::Test {
  protected:
    template <class Handler>
    binding bound(Handler handler) {
        return make_binding<std::remove_const_t<decltype(twice)>>(std::move(handler));
    }
    // A call of `to` with the argument 21.
    static shared_bytes request(const binding& to, request_terms how = {}) {
        how.fingerprint = to.fingerprint;
        return write_request(how, encode(std::tuple(21)));
    }
    // As if a process had died over the job with this payload.
    void lose(const shared_bytes& payload) {
        board.claim(0, hash_job("server:4730", "H:test:1", payload.view()));
        ASSERT_TRUE(board.record_loss(0, {.pid = 7, .signal = SIGSEGV}));
    }
    static failure failure_in(const runtime::job_answer& answer) {
        EXPECT_EQ(answer.how, kind::exception);
        return read_failure(answer.data.view());
    }

    slot_board board = slot_board::create(1);
    const std::vector<endpoint> servers{{"server", 4730, {}}};
    job_runner runner{{.servers = servers,
                       .slots = board.slots_of(0, 1),
                       .board = &board,
                       .control = "sheaf.ctl.test",
                       .services = {}}};
};

TEST_F(job_runner_test, a_result_comes_back_in_an_envelope) {
    const binding task = bound([](int x) { return 2 * x; });
    fake_assignment job(request(task));
    const auto answer = runner.run(task, job);
    ASSERT_EQ(answer.how, kind::complete);
    const auto result = read_answer(answer.data);
    ASSERT_TRUE(result);
    EXPECT_EQ(decode<int>(result->view()), 42);
    EXPECT_FALSE(job.limit) << "no attempt time-out was asked for";
}

TEST_F(job_runner_test, a_handler_reaches_its_caller_through_the_context) {
    const binding task = bound([](context& call, int) {
        call.progress(3, 4);
        call.warn("beware");
        return static_cast<int>(call.attempt());
    });
    fake_assignment job(request(task));
    EXPECT_EQ(runner.run(task, job).how, kind::complete);
    EXPECT_EQ(job.progress, std::pair(std::uint64_t{3}, std::uint64_t{4}));
    EXPECT_EQ(job.warning, "beware");
}

TEST_F(job_runner_test, an_exception_says_where_it_was_thrown) {
    const binding task = bound([](int) -> int { throw std::runtime_error("no"); });
    fake_assignment job(request(task));
    const failure why = failure_in(runner.run(task, job));
    EXPECT_EQ(why.code, errc::remote_exception);
    EXPECT_EQ(why.message, "no");
    EXPECT_EQ(why.task, "job_runner.twice");
    EXPECT_EQ(why.worker, worker_name(::getpid()));
    EXPECT_EQ(why.attempt, 1U);
}

TEST_F(job_runner_test, an_attempt_time_out_is_set_up_before_the_handler_runs) {
    std::optional<std::chrono::milliseconds> limit_seen;
    fake_assignment* current = nullptr;
    const binding task = bound([&](int x) {
        limit_seen = current->limit;
        return x;
    });
    fake_assignment job(request(task, {.attempt_timeout = 250ms}));
    current = &job;
    EXPECT_EQ(runner.run(task, job).how, kind::complete);
    EXPECT_EQ(limit_seen, 250ms);
    const failure why = read_failure(job.at_limit.view());
    EXPECT_EQ(why.code, errc::timeout);
    EXPECT_THAT(why.message, HasSubstr("attempt time-out of 250 ms"));
    EXPECT_EQ(why.worker, worker_name(::getpid()));
}

TEST_F(job_runner_test, other_types_are_answered_with_our_schema_and_no_handler_runs) {
    const binding task = bound([](int) -> int { throw std::logic_error("it ran"); });
    fake_assignment job(write_request({.fingerprint = task.fingerprint + 1}, encode(std::tuple(21))));
    const failure why = failure_in(runner.run(task, job));
    EXPECT_EQ(why.code, errc::schema_mismatch);
    EXPECT_EQ(why.message, task.schema);
}

TEST_F(job_runner_test, bytes_that_are_no_request_are_refused) {
    const binding task = bound([](int) -> int { throw std::logic_error("it ran"); });
    fake_assignment job(shared_bytes("plain text"));
    EXPECT_EQ(failure_in(runner.run(task, job)).code, errc::malformed);
}

TEST_F(job_runner_test, a_job_that_cost_all_its_attempts_is_reported_as_a_lost_worker) {
    const binding task = bound([](int) -> int { throw std::logic_error("it ran"); });
    fake_assignment job(request(task));
    lose(job.payload());
    const failure why = failure_in(runner.run(task, job));
    EXPECT_EQ(why.code, errc::worker_lost);
    EXPECT_EQ(why.signal, SIGSEGV);
    EXPECT_EQ(why.attempt, 1U);
    EXPECT_EQ(why.worker, worker_name(7)) << "the one that died, not the one that says so";
}

TEST_F(job_runner_test, a_job_with_attempts_left_runs_as_the_next_one) {
    const binding task = bound([](context& call, int) { return static_cast<int>(call.attempt()); });
    fake_assignment job(request(task, {.attempts = 2}));
    lose(job.payload());
    const auto result = read_answer(runner.run(task, job).data);
    ASSERT_TRUE(result);
    EXPECT_EQ(decode<int>(result->view()), 2);
}

TEST_F(job_runner_test, attempts_that_were_other_jobs_count) {
    const binding task = bound([](context& call, int) { return static_cast<int>(call.attempt()); });
    fake_assignment job(request(task, {.attempts = 2, .tried = 3}));
    lose(job.payload());
    EXPECT_EQ(decode<int>(read_answer(runner.run(task, job).data)->view()), 5);
}

TEST_F(job_runner_test, a_handler_that_was_abandoned_has_not_lost_its_job) {
    const binding task = bound([&](int x) {
        runner.abandon(0);
        EXPECT_FALSE(board.record_loss(0, {.pid = 7, .signal = SIGKILL}));
        return x;
    });
    fake_assignment job(request(task));
    EXPECT_EQ(runner.run(task, job).how, kind::complete);
}

TEST_F(job_runner_test, raw_functions_give_and_take_bytes_and_fail_with_text) {
    binding echo{.name = "echo", .schema = {}, .fingerprint = 0, .form = wire_form::raw, .run = {}};
    echo.run = [](invocation&, std::string_view bytes) -> result<std::string> {
        if (bytes.empty()) return failure{.code = errc::remote_exception, .message = "nothing to echo"};
        return std::string(bytes);
    };
    fake_assignment some(shared_bytes("text"));
    const auto answer = runner.run(echo, some);
    EXPECT_EQ(answer.how, kind::complete);
    EXPECT_EQ(answer.data.view(), "text");
    fake_assignment none(shared_bytes(""));
    const auto refused = runner.run(echo, none);
    EXPECT_EQ(refused.how, kind::exception);
    EXPECT_THAT(std::string(refused.data.view()), HasSubstr("nothing to echo"));
}

TEST_F(job_runner_test, signs_of_life_say_where_and_as_often_as_the_caller_wants) {
    const binding task = bound([](int x) { return x; });
    fake_assignment quiet(request(task));
    EXPECT_EQ(runner.run(task, quiet).how, kind::complete);
    EXPECT_EQ(quiet.first_sign, 20ms);
    EXPECT_EQ(quiet.between_signs, 0ms);
    const auto notice = read_notice(quiet.sign);
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->alive.control, "sheaf.ctl.test");
    EXPECT_EQ(notice->alive.attempt, 1U);

    fake_assignment watched(request(task, {.heartbeat = 300ms, .announce = true}));
    EXPECT_EQ(runner.run(task, watched).how, kind::complete);
    EXPECT_EQ(watched.first_sign, 0ms);
    EXPECT_EQ(watched.between_signs, 100ms);
}

TEST_F(job_runner_test, a_call_that_was_cancelled_before_it_began_is_not_run) {
    const binding task = bound([](int) -> int { throw std::logic_error("it ran"); });
    runner.cancel(std::array<std::uint64_t, 1>{77}, [](std::size_t) { FAIL(); });
    fake_assignment job(request(task, {.call = 77}));
    EXPECT_EQ(failure_in(runner.run(task, job)).code, errc::cancelled);
}

TEST_F(job_runner_test, a_call_that_runs_is_given_up_when_it_is_cancelled) {
    std::vector<std::size_t> told;
    const binding task = bound([&](int x) {
        runner.cancel(std::array<std::uint64_t, 1>{77}, [&](std::size_t slot) { told.push_back(slot); });
        return x;
    });
    fake_assignment job(request(task, {.call = 77}));
    (void)runner.run(task, job);
    ASSERT_TRUE(job.given_up);
    EXPECT_EQ(read_failure(job.given_up->view()).code, errc::cancelled);
    EXPECT_EQ(told, std::vector<std::size_t>{0});
}

TEST_F(job_runner_test, a_job_that_waits_for_a_place_and_is_stopped_does_not_run) {
    bool has_run = false;
    const binding task = bound([&](int x) {
        has_run = true;
        return x;
    });
    slot_limit limit(1);
    limit.enter();
    fake_assignment job(request(task));
    std::jthread stops([&] { job.stop.request_stop(); });
    EXPECT_EQ(failure_in(runner.run(task, job, &limit)).code, errc::worker_lost);
    EXPECT_FALSE(has_run);
    limit.leave();
    fake_assignment next(request(task));
    EXPECT_EQ(runner.run(task, next, &limit).how, kind::complete);
}

TEST_F(job_runner_test, a_wait_within_a_handler_lends_its_slot_until_it_has_waited) {
    const binding task = bound([](int x) {
        const lent_slot lent;
        return x;
    });
    fake_assignment job(request(task));
    EXPECT_EQ(runner.run(task, job).how, kind::complete);
    EXPECT_EQ(job.taken_back, 1);
    EXPECT_EQ(failure_in(runner.run(task, job)).code, errc::would_deadlock) << "no more may be lent";
    EXPECT_EQ(job.taken_back, 1);
}

TEST_F(job_runner_test, progress_is_sent_first_and_last_and_now_and_then) {
    const binding task = bound([](context& call, int x) {
        for (std::uint64_t i = 0; i <= 1000; ++i) call.progress(i, 1000);
        return x;
    });
    fake_assignment job(request(task));
    EXPECT_EQ(runner.run(task, job).how, kind::complete);
    EXPECT_EQ(job.progress, std::pair(std::uint64_t{1000}, std::uint64_t{1000}));
    EXPECT_LT(job.times_progressed, 500);
}

TEST_F(job_runner_test, the_time_that_is_left_is_known_where_there_is_a_limit) {
    const binding task = bound([](context& call, int) {
        const auto left = call.time_left();
        return left ? static_cast<int>(left->count()) : -1;
    });
    fake_assignment free(request(task));
    EXPECT_EQ(decode<int>(read_answer(runner.run(task, free).data)->view()), -1);
    fake_assignment limited(request(task, {.attempt_timeout = 1h}));
    const int left = decode<int>(read_answer(runner.run(task, limited).data)->view());
    EXPECT_GT(left, 0);
    EXPECT_LE(left, 3'600'000);
}

}  // namespace
}  // namespace sheaf::detail
