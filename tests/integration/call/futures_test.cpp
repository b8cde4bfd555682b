// The faces of a submitted call: waiting, callbacks, coroutines, std::future and streams.
#include <coroutine>
#include <future>
#include <stdexcept>
#include <vector>

#include "integration/call/call_fixture.hpp"
#include <sheaf/detail/handler_thread.hpp>
#include <sheaf/std_future.hpp>

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

struct odd : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline constexpr task<"call.half", int(int), throws<odd>> half{};

int half_of(int x) {
    if (x % 2 != 0) throw odd("an odd number");
    return x / 2;
}

/// A coroutine that runs by itself and says when it has ended.
struct unattended {
    struct promise_type {
        unattended get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

class futures : public testing::Test {
  protected:
    own_server server;
    cluster where = cluster::connect(to_string(server.where()));
    obedient_worker worker{server.where(), bound(half, half_of)};
    call_options how{.deadline = patience};
};

TEST_F(futures, get_gives_the_value_or_throws_what_the_task_declares) {
    EXPECT_EQ(where.submit(half(8), how).get(), 4);
    EXPECT_THROW(where.submit(half(7), how).get(), odd);
    const auto outcome = where.submit(half(7), how).result();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "an odd number");
}

TEST_F(futures, then_is_called_on_a_thread_of_its_own) {
    std::promise<std::pair<int, std::thread::id>> called;
    where.submit(half(8), how).then([&](const result<int>& r) { called.set_value({*r, std::this_thread::get_id()}); });
    const auto [value, thread] = called.get_future().get();
    EXPECT_EQ(value, 4);
    EXPECT_NE(thread, std::this_thread::get_id());
}

TEST_F(futures, a_callback_may_wait_for_other_calls) {
    std::promise<int> called;
    where.submit(half(8), how).then([&](const result<int>& r) { called.set_value(where.call(half(*r), how)); });
    EXPECT_EQ(called.get_future().get(), 2);
}

TEST_F(futures, a_callback_may_wait_for_several_together) {
    std::promise<bool> called;
    where.submit(half(8), how).then([&](const result<int>&) {
        auto both = when_all(where.submit(half(2), how), where.submit(half(4), how));
        called.set_value(both.wait_for(patience));
    });
    EXPECT_TRUE(called.get_future().get());
}

TEST_F(futures, a_callback_may_end_its_cluster) {
    std::promise<void> ended;
    auto own = std::make_shared<cluster>(cluster::connect(to_string(server.where())));
    auto one = own->submit(half(8), how);
    one.then([&ended, own = std::move(own)](const result<int>&) mutable {
        own.reset();
        ended.set_value();
    });
    ended.get_future().wait();
}

TEST_F(futures, a_listener_may_hold_the_last_of_its_engine) {
    struct holder final : detail::call_sender::listener {
        void on_result(std::uint64_t, detail::raw_result outcome) override {
            seen.set_value(outcome ? errc{} : outcome.error().code);
            engine.reset();
        }
        std::promise<errc> seen;
        std::shared_ptr<detail::call_engine> engine;
    };
    const auto answered = std::make_shared<holder>();
    const auto orphan = std::make_shared<holder>();
    {
        auto engine = std::make_shared<detail::call_engine>(std::vector<endpoint>{server.where()});
        using task_type = std::remove_const_t<decltype(square)>;
        (void)engine->submit(detail::make_raw_call<task_type>({1}), how, orphan);  // nobody offers it
        answered->engine = engine;
        auto call = detail::make_raw_call<std::remove_const_t<decltype(half)>>({8});
        auto& through = *engine;
        engine.reset();
        (void)through.submit(call, how, answered);
    }
    EXPECT_EQ(answered->seen.get_future().get(), errc{});
    EXPECT_EQ(orphan->seen.get_future().get(), errc::shutting_down);
}

TEST_F(futures, a_call_that_is_refused_at_once_may_have_a_stop_token) {
    std::stop_source stop;
    call_options hedged = how;
    hedged.hedge = 1ms;  // which half cannot be
    hedged.stop = stop.get_token();
    EXPECT_EQ(where.try_call(half(8), hedged).error().code, errc::invalid_argument);
    stop.request_stop();
    hedged.hedge = 0ms;  // and one whose token has fired already
    EXPECT_EQ(where.try_call(half(8), hedged).error().code, errc::cancelled);
}

/// A handler whose slot cannot be lent.
class crowded final : public detail::invocation {
  public:
    [[nodiscard]] std::stop_token stop_token() const override { return {}; }
    [[nodiscard]] unsigned attempt() const override { return 1; }
    [[nodiscard]] std::string_view handle() const override { return {}; }
    void progress(std::uint64_t, std::uint64_t) override {}
    void warn(std::string_view) override {}
    void send_chunk(std::string_view) override {}
    void lend_slot() override { throw would_deadlock({.code = errc::would_deadlock, .message = "too many wait"}); }
    void take_slot_back() noexcept override {}
};

TEST_F(futures, a_wait_that_would_deadlock_is_a_failure_like_others) {
    crowded handler;
    const detail::running_handler here(handler);
    const auto direct = where.try_call(wait_for_stop(1), how);
    ASSERT_FALSE(direct);
    EXPECT_EQ(direct.error().code, errc::would_deadlock);
    const auto later = where.submit(wait_for_stop(1), how).result();
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, errc::would_deadlock);
}

unattended in_turn(cluster& where, const call_options& how, std::promise<std::vector<int>>& done) {
    std::vector<int> seen;
    seen.push_back(co_await where.submit(half(8), how));
    seen.push_back(co_await where.submit(half(12)));
    try {
        (void)co_await where.submit(half(7), how);
    } catch (const odd&) {
        seen.push_back(-1);
    }
    const auto r = co_await as_result(where.submit(half(7)));
    seen.push_back(r ? *r : -2);
    auto [a, b] = co_await when_all(where.submit(half(20), how), where.submit(half(40), how));
    seen.push_back(a + b);
    done.set_value(std::move(seen));
}

TEST_F(futures, a_coroutine_awaits_calls) {
    std::promise<std::vector<int>> done;
    in_turn(where, how, done);
    EXPECT_EQ(done.get_future().get(), (std::vector<int>{4, 6, -1, -2, 30}));
}

TEST_F(futures, the_first_failure_cancels_the_others) {
    const obedient_worker slow(server.where(), bound(wait_for_stop, wait_until_stopped));
    auto waits = where.submit(wait_for_stop(1), how);
    ASSERT_TRUE(eventually([&] { return slow.begun() == 1; }));
    auto both = when_all(std::move(waits), where.submit(half(7), how));
    EXPECT_THROW(both.get(), odd);
    EXPECT_TRUE(eventually([&] { return slow.stopped() == 1; }));
}

TEST_F(futures, several_of_a_kind_come_as_a_vector) {
    std::vector<future<int>> all;
    for (const int x : {2, 4, 6}) all.push_back(where.submit(half(x), how));
    EXPECT_EQ(when_all(std::move(all)).get(), (std::vector<int>{1, 2, 3}));
    EXPECT_TRUE(when_all(std::vector<future<int>>{}).get().empty());
}

TEST_F(futures, a_std_future_gives_the_same) {
    EXPECT_EQ(to_std(where.submit(half(8), how)).get(), 4);
    EXPECT_THROW(to_std(where.submit(half(7), how)).get(), odd);
}

TEST_F(futures, calls_that_are_out_end_with_their_cluster) {
    future<long> orphan;
    {
        auto own = cluster::connect(to_string(server.where()));
        orphan = own.submit(square(1), how);  // nobody offers it
    }
    EXPECT_EQ(orphan.result().error().code, errc::shutting_down);
}

// ---- Streams.

void count(context& call, stream_writer<int>& out, int n) {
    for (int i = 0; i < n && !call.stop_requested(); ++i) out.write(i);
    if (n == 13) throw std::runtime_error("unlucky");
}

class streams : public futures {
  protected:
    obedient_worker counter{server.where(), bound(count_up, count)};
};

TEST_F(streams, chunks_come_in_order_and_the_range_ends) {
    int expected = 0;
    for (const int i : where.stream(count_up(1000), how)) ASSERT_EQ(i, expected++);
    EXPECT_EQ(expected, 1000);
}

TEST_F(streams, what_ends_a_stream_is_thrown_after_its_chunks) {
    auto numbers = where.stream(count_up(13), how);
    for (int i = 0; i < 13; ++i) ASSERT_EQ(numbers.next(), i);
    EXPECT_THROW((void)numbers.next(), remote_error);
}

TEST_F(streams, a_stream_that_is_dropped_stops_its_handler) {
    {
        auto numbers = where.stream(count_up(1'000'000'000), how);
        ASSERT_EQ(numbers.next(), 0);
    }
    EXPECT_TRUE(eventually([&] { return counter.stopped() == 1; }));
}

TEST_F(streams, a_reader_that_is_too_slow_is_told_so) {
    auto numbers = where.stream(count_up(1'000'000'000), how, 1000);
    EXPECT_TRUE(eventually([&] { return counter.stopped() == 1; }));
    try {
        while (numbers.next()) {
        }
        FAIL() << "it ended well";
    } catch (const call_error& why) {
        EXPECT_EQ(why.code(), errc::too_large);
    }
}

}  // namespace
}  // namespace sheaf::test
