// What calls are waited for with: callbacks and their thread, and the chunks of streams.
#include <future>
#include <memory>

#include <gtest/gtest.h>

#include "call/call_plan.hpp"
#include "call/callback_thread.hpp"
#include <sheaf/detail/chunk_inbox.hpp>
#include <sheaf/detail/pending_call.hpp>

namespace sheaf::detail {
namespace {

class event final : public awaited {
  public:
    explicit event(std::shared_ptr<callback_thread> callbacks) : awaited(std::move(callbacks)) {}
    void happen() {
        become_ready([] {});
    }
    void cancel() override {}
};

struct finished {
    ~finished() { of->finish(); }
    std::shared_ptr<callback_thread> of;
};

TEST(awaited, a_callback_that_is_forgotten_while_it_waits_for_its_turn_is_not_called) {
    std::promise<void> go_on;
    bool called = false;
    {
        const finished at_the_end{std::make_shared<callback_thread>()};
        at_the_end.of->post([&] { go_on.get_future().wait(); });
        const auto one = std::make_shared<event>(at_the_end.of);
        one->when_ready([&] { called = true; });
        one->happen();
        one->forget_callback();
        go_on.set_value();
    }
    EXPECT_FALSE(called);
}

TEST(awaited, a_wait_without_an_end_is_one) {
    const auto one = std::make_shared<event>(nullptr);
    EXPECT_FALSE(one->wait_for(std::chrono::milliseconds(0)));
    EXPECT_FALSE(one->wait_for(std::chrono::milliseconds::min()));
    auto waits = std::async(std::launch::async, [&] { return one->wait_for(std::chrono::milliseconds::max()); });
    one->happen();
    EXPECT_TRUE(waits.get());
}

TEST(callback_thread, a_callback_may_be_the_last_to_hold_it) {
    std::promise<void> gone;
    auto callbacks = std::make_shared<callback_thread>();
    const std::weak_ptr<callback_thread> seen = callbacks;
    callbacks->post([mine = callbacks, &gone, &callbacks]() mutable {
        callbacks.reset();
        mine->finish();
        mine.reset();
        gone.set_value();
    });
    gone.get_future().wait();
    while (!seen.expired()) std::this_thread::yield();
}

TEST(callback_thread, what_a_callback_holds_may_finish_its_thread) {
    auto callbacks = std::make_shared<callback_thread>();
    const std::weak_ptr<callback_thread> seen = callbacks;
    auto last = std::make_shared<finished>(finished{callbacks});
    callbacks->post([last] {});
    callbacks.reset();
    last.reset();
    while (!seen.expired()) std::this_thread::yield();
}

/// Takes calls, and only counts how many are cancelled.
class counting_sender final : public call_sender {
  public:
    call_id submit(const raw_call&, const call_options&, std::shared_ptr<listener>, std::uint64_t) override {
        return 1;
    }
    void cancel(call_id) override { ++cancelled; }
    int cancelled = 0;
};

TEST(chunk_inbox, chunks_without_bytes_take_up_room_too) {
    const auto through = std::make_shared<counting_sender>();
    const auto inbox = chunk_inbox::submit(through, {}, {}, 1000);
    for (int i = 0; i < 1000 && through->cancelled == 0; ++i) inbox->on_chunk(0, shared_bytes(std::string_view()));
    EXPECT_EQ(through->cancelled, 1);
    while (inbox->next()) {
    }
    EXPECT_EQ(inbox->problem()->code, errc::too_large);
}

TEST(call_plan, clocks_that_never_run_out_do_not_run) {
    constexpr auto longest = std::chrono::milliseconds::max();
    const auto before = std::chrono::steady_clock::now();
    const call_plan plan = make_plan({},
                                     {.deadline = longest,
                                      .attempt_timeout = longest,
                                      .queue_timeout = longest,
                                      .heartbeat = longest,
                                      .hedge = longest},
                                     1, 1);
    EXPECT_EQ(plan.until, call_plan::time_point::max());
    for (const auto clock : {plan.attempt_timeout, plan.queue_timeout, plan.heartbeat, plan.hedge}) {
        EXPECT_EQ(clock.count(), 0);
    }
    const call_plan late = make_plan({}, {.deadline = std::chrono::milliseconds::min()}, 1, 1);
    EXPECT_GE(late.until, before);
}

}  // namespace
}  // namespace sheaf::detail
