// What a worker process answers, with assignments of the test's own.
#include "cluster/job_runner.hpp"

#include <chrono>
#include <optional>
#include <signal.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <sheaf/detail/envelope.hpp>

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
    [[nodiscard]] const shared_bytes& payload() const noexcept override { return payload_; }
    [[nodiscard]] std::size_t slot() const noexcept override { return 0; }
    [[nodiscard]] std::size_t server() const noexcept override { return 0; }
    void send_data(std::string_view) override {}
    void send_warning(std::string_view text) override { warning = text; }
    void send_status(std::uint64_t done, std::uint64_t total) override { progress = {done, total}; }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return {}; }
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

    std::optional<shared_bytes> given_up;
    std::optional<std::chrono::milliseconds> first_sign;
    std::chrono::milliseconds between_signs{};
    shared_bytes sign;
    bool may_lend = true;
    int taken_back = 0;
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

}  // namespace
}  // namespace sheaf::detail
