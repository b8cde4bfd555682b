// Typed calls through a real server: what the engine does when connections break, workers are lost and calls are dropped.
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <numeric>
#include <ranges>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/runtime/job_servers.hpp"
#include "support/deadline.hpp"
#include <sheaf/cluster.hpp>
#include <sheaf/detail/binding.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/pack.hpp>
#include <sheaf/runtime/worker.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using detail::binding;
using detail::call_engine;
using detail::raw_result;

inline constexpr task<"square", long(int)> square{};
using square_task = std::remove_const_t<decltype(square)>;

class plain_invocation final : public detail::invocation {
  public:
    explicit plain_invocation(runtime::assignment& job) : job_(job) {}
    [[nodiscard]] std::stop_token stop_token() const override { return job_.stop_token(); }
    [[nodiscard]] unsigned attempt() const override { return 1; }
    [[nodiscard]] std::string_view handle() const override { return job_.handle(); }
    void progress(std::uint64_t done, std::uint64_t total) override { job_.send_status(done, total); }
    void warn(std::string_view text) override { job_.send_warning(text); }
    void send_chunk(std::string_view) override {}
    void lend_slot() override {}
    void take_slot_back() noexcept override {}

  private:
    runtime::assignment& job_;
};

/// A worker in this process that serves one task.
class one_worker {
  public:
    one_worker(const endpoint& server, binding what) : bound_(std::move(what)), worker_(options(server)) {
        worker_.offer(bound_.name, [this](runtime::assignment& job) { return answer(job); });
        thread_ = std::thread([this] { worker_.run(); });
    }
    ~one_worker() {
        worker_.stop();
        thread_.join();
    }
    one_worker(const one_worker&) = delete;
    one_worker& operator=(const one_worker&) = delete;

    /// Reports the next job as lost with its worker, in this attempt.
    void lose_next(unsigned attempt) { lost_attempt_ = attempt; }

  private:
    static runtime::worker_options options(const endpoint& server) {
        runtime::worker_options how;
        how.servers = {server};
        how.backoff_min = 1ms;
        return how;
    }
    runtime::job_answer answer(runtime::assignment& job) {
        if (const unsigned attempt = lost_attempt_.exchange(0); attempt != 0) {
            return runtime::job_answer::exception(
                detail::write_failure({.code = errc::worker_lost, .message = "lost", .attempt = attempt}));
        }
        plain_invocation seen(job);
        const auto request = detail::read_request(job.payload().view());
        if (!request) return runtime::job_answer::exception(detail::write_failure(request.error()));
        const auto outcome = request->pack ? detail::run_pack(bound_, seen, request->arguments, "host/1")
                                           : bound_.run(seen, request->arguments);
        if (!outcome) return runtime::job_answer::exception(detail::write_failure(outcome.error()));
        return runtime::job_answer::complete(detail::write_answer(*outcome, request->pack));
    }

    std::atomic<unsigned> lost_attempt_{0};
    binding bound_;
    runtime::worker worker_;
    std::thread thread_;
};

/// Told of one call's end.
class one_result final : public call_engine::listener {
  public:
    void on_result(std::uint64_t /*tag*/, raw_result outcome) override { promise_.set_value(std::move(outcome)); }
    raw_result wait() {
        auto future = promise_.get_future();
        if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("the call has not ended");
        return future.get();
    }

  private:
    std::promise<raw_result> promise_;
};

long square_of(int x) { return long{x} * x; }

class typed_calls : public testing::Test {
  protected:
    cluster connect() { return cluster::connect(to_string(server.where())); }

    own_server server;
};

TEST_F(typed_calls, a_call_comes_back_with_its_result) {
    const one_worker worker(server.where(), detail::make_binding<square_task>(square_of));
    EXPECT_EQ(connect().call(square(7), {.deadline = patience}), 49);
}

TEST_F(typed_calls, a_scatter_comes_back_complete_and_in_order) {
    const one_worker worker(server.where(), detail::make_binding<square_task>(square_of));
    auto where = connect();
    const auto squares = where.map(square, std::views::iota(0, 2000), {.window = 50, .deadline = patience});
    ASSERT_EQ(squares.size(), 2000U);
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(squares[static_cast<std::size_t>(i)], square_of(i));
}

TEST_F(typed_calls, a_run_may_outlive_its_cluster) {
    const one_worker worker(server.where(), detail::make_binding<square_task>(square_of));
    auto run = connect().scatter(square, std::vector{3}, {.deadline = patience});
    EXPECT_EQ(*run.next()->outcome, 9);
}

TEST_F(typed_calls, a_dropped_scatter_leaves_the_cluster_usable) {
    const one_worker worker(server.where(), detail::make_binding<square_task>(square_of));
    auto where = connect();
    for (int i = 0; i < 20; ++i) {
        auto run = where.scatter(square, std::views::iota(0), {.window = 10});
        ASSERT_TRUE(run.next());
    }
    EXPECT_EQ(where.call(square(3), {.deadline = patience}), 9);
}

TEST_F(typed_calls, a_lost_worker_is_tried_again_when_attempts_are_left) {
    one_worker worker(server.where(), detail::make_binding<square_task>(square_of));
    auto where = connect();
    worker.lose_next(1);
    EXPECT_EQ(where.call(square(5), {.deadline = patience, .retry = sheaf::retry{2}}), 25);
    worker.lose_next(1);
    EXPECT_EQ(where.map(square, std::vector{5}, {.call = {.deadline = patience, .retry = sheaf::retry{2}}}),
              std::vector<long>{25});
    worker.lose_next(2);
    EXPECT_THROW(where.call(square(5), {.deadline = patience, .retry = sheaf::retry{2}}), worker_lost);
    worker.lose_next(1);
    EXPECT_THROW(where.call(square(5), {.deadline = patience}), worker_lost);
}

/// Kills the server under the first call, from a thread of its own, and starts it again.
class broken_connection {
  public:
    explicit broken_connection(own_server& server)
        : thread_([this, &server] {
              begun_.get_future().wait();
              server.kill();
              server.restart();
          }) {}
    ~broken_connection() {
        begin();
        thread_.join();
    }
    broken_connection(const broken_connection&) = delete;
    broken_connection& operator=(const broken_connection&) = delete;

    /// The handler of the first call stops here until the connection is broken; of later calls it goes on.
    void begin() {
        std::call_once(once_, [this] { begun_.set_value(); });
    }

  private:
    std::promise<void> begun_;
    std::once_flag once_;
    std::thread thread_;
};

TEST_F(typed_calls, a_broken_connection_is_tried_again_when_attempts_are_left) {
    broken_connection breaks(server);
    std::atomic<int> calls = 0;
    const one_worker worker(server.where(), detail::make_binding<square_task>([&](context& call, int x) {
                                if (++calls == 1) {
                                    breaks.begin();
                                    while (!call.stop_requested()) std::this_thread::yield();
                                }
                                return square_of(x);
                            }));
    EXPECT_EQ(connect().map(square, std::vector{6}, {.call = {.deadline = patience, .retry = sheaf::retry{2}}}),
              std::vector<long>{36});
    EXPECT_EQ(calls, 2);
}

TEST_F(typed_calls, a_broken_connection_ends_a_call_that_has_one_attempt) {
    broken_connection breaks(server);
    const one_worker worker(server.where(), detail::make_binding<square_task>([&](context& call, int x) {
                                breaks.begin();
                                while (!call.stop_requested()) std::this_thread::yield();
                                return square_of(x);
                            }));
    EXPECT_THROW(connect().call(square(6), {.deadline = patience}), connection_error);
}

TEST_F(typed_calls, a_call_with_attempts_left_can_be_cancelled) {
    call_engine engine({server.where()});
    const auto hears = std::make_shared<one_result>();
    const auto call = detail::make_raw_call<square_task>(std::tuple{1});
    engine.cancel(engine.submit(call, {.retry = sheaf::retry{5}}, hears));  // nobody serves it
    const auto outcome = hears->wait();
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, errc::cancelled);
}

TEST_F(typed_calls, destroying_the_engine_ends_every_call) {
    const auto once = std::make_shared<one_result>();
    const auto often = std::make_shared<one_result>();
    {
        call_engine engine({server.where()});
        const auto call = detail::make_raw_call<square_task>(std::tuple{1});
        engine.submit(call, {}, once);
        engine.submit(call, {.retry = sheaf::retry{5}}, often);
    }
    EXPECT_EQ(once->wait().error().code, errc::shutting_down);
    EXPECT_EQ(often->wait().error().code, errc::shutting_down);
}

TEST(typed_calls_nowhere, a_list_of_servers_that_makes_no_sense_is_refused) {
    EXPECT_THROW((void)cluster::connect(""), connection_error);
    EXPECT_THROW((void)cluster::connect("host:notaport"), connection_error);
}

}  // namespace
}  // namespace sheaf::test
