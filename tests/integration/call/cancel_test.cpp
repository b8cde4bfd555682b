// Clocks and cancellation of calls, on our own server and on stock gearmand.
#include <atomic>
#include <vector>

#include "integration/call/call_fixture.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class calls_on : public calls_through {};
INSTANTIATE_TEST_SUITE_P(servers, calls_on, testing::Values(server_kind::own, server_kind::stock),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(calls_on, a_cancelled_call_stops_its_handler) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped));
    auto call = where.submit(wait_for_stop(1), {.deadline = patience});
    ASSERT_TRUE(eventually([&] { return worker.begun() == 1; }));
    call.cancel();
    EXPECT_EQ(call.result().error().code, errc::cancelled);
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
}

TEST_P(calls_on, a_cancelled_call_in_the_queue_never_begins) {
    std::atomic<bool> go_on = false;
    const obedient_worker worker(server->where(), bound(square, [&](int x) {
                                     go_on.wait(false);
                                     return long{x};
                                 }));
    auto first = where.submit(square(1), {.deadline = patience});
    ASSERT_TRUE(eventually([&] { return worker.begun() == 1; }));
    auto second = where.submit(square(2), {.deadline = patience});
    ASSERT_TRUE(eventually([&] { return jobs_of("call.square") == 2; }));
    second.cancel();
    EXPECT_EQ(second.result().error().code, errc::cancelled);
    // First it is asked whether the job runs, and then told to forget it. An answer to something that was asked later on the
    // same connection comes after either.
    for (int turn = 0; turn < 2; ++turn) ASSERT_TRUE(where.engine().client().echo("is it done?", patience));
    // Stock gearmand keeps counting a cancelled job until a worker grabs past it.
    if (GetParam() == server_kind::own) {
        EXPECT_EQ(jobs_of("call.square"), 1U);
    }
    go_on = true;
    go_on.notify_all();
    EXPECT_EQ(first.get(), 1);
    EXPECT_EQ(where.call(square(3), {.deadline = patience}), 3);
    EXPECT_EQ(worker.begun(), 2);
}

TEST_P(calls_on, a_stop_token_cancels_the_call) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped));
    std::stop_source stop;
    auto call = where.submit(wait_for_stop(1), {.deadline = patience, .stop = stop.get_token()});
    ASSERT_TRUE(eventually([&] { return worker.begun() == 1; }));
    stop.request_stop();
    EXPECT_THROW(call.get(), cancelled);
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
    EXPECT_THROW(where.call(wait_for_stop(2), {.deadline = patience, .stop = stop.get_token()}), cancelled);
}

TEST_P(calls_on, a_scoped_future_that_is_dropped_cancels_and_another_does_not) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped), 2);
    {
        auto kept = where.submit(wait_for_stop(1), {.deadline = patience});
        const auto dropped = scoped(where.submit(wait_for_stop(2), {.deadline = patience}));
        ASSERT_TRUE(eventually([&] { return worker.begun() == 2; }));
    }
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
    EXPECT_EQ(worker.stopped(), 1);
}

TEST_P(calls_on, the_end_of_the_cluster_object_stops_handlers) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped));
    {
        auto own = cluster::connect(to_string(server->where()));
        auto call = own.submit(wait_for_stop(1), {.deadline = patience});
        ASSERT_TRUE(eventually([&] { return worker.begun() == 1; }));
        ASSERT_FALSE(call.wait_for(20ms));  // until the sign of life has come
    }
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
}

TEST_P(calls_on, a_call_that_nobody_offers_ends_with_no_worker) {
    const auto outcome = where.try_call(square(1), {.deadline = patience, .queue_timeout = 100ms});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::no_worker);
    EXPECT_NE(outcome.error().message.find("0 workers offer it"), std::string::npos) << outcome.error().message;
}

TEST_P(calls_on, the_deadline_says_that_nobody_offers_the_task) {
    const auto outcome = where.try_call(square(1), {.deadline = 300ms});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::timeout);
    EXPECT_NE(outcome.error().message.find("0 workers offer it"), std::string::npos) << outcome.error().message;
}

TEST_P(calls_on, a_deadline_stops_the_handler) {
    const obedient_worker worker(server->where(), bound(wait_for_stop, wait_until_stopped));
    EXPECT_THROW(where.call(wait_for_stop(1), {.deadline = 200ms}), timeout);
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
}

TEST_P(calls_on, a_silent_worker_counts_as_lost_and_its_late_result_changes_nothing) {
    std::atomic<bool> go_on = false;
    obedient_worker mute(server->where(), bound(square, [&](int x) {
                             if (x == 1) go_on.wait(false);
                             return long{x} * x;
                         }));
    mute.fall_silent();
    const auto outcome = where.try_call(square(1), {.deadline = patience, .heartbeat = 50ms});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::worker_lost);
    EXPECT_EQ(outcome.error().clock, call_clock::heartbeat);
    go_on = true;
    go_on.notify_all();
    for (const int x : {7, 8}) EXPECT_EQ(where.call(square(x), {.deadline = patience}), long{x} * x);
    EXPECT_EQ(mute.begun(), 3) << "the worker is used again, and nothing was tried twice";
}

TEST_P(calls_on, a_hedged_call_finishes_although_its_first_worker_does_not) {
    std::atomic<int> calls = 0;
    const obedient_worker worker(server->where(),
                                 bound(square,
                                       [&](context& call, int x) {
                                           if (++calls == 1) return long{wait_until_stopped(call, 0)};
                                           return long{x} * x;
                                       }),
                                 2);
    EXPECT_EQ(where.call(square(7), {.deadline = patience, .hedge = 50ms}), 49);
    EXPECT_TRUE(eventually([&] { return worker.stopped() == 1; }));
}

TEST_P(calls_on, equal_arguments_are_one_call) {
    std::atomic<bool> go_on = false;
    const obedient_worker worker(server->where(), bound(square, [&](int x) {
                                     go_on.wait(false);
                                     return long{x};
                                 }));
    const call_options once{.deadline = patience, .unique = by_arguments};
    auto a = where.submit(square(1), once);
    auto b = where.submit(square(1), once);
    auto c = where.submit(square(2), once);
    ASSERT_TRUE(eventually([&] { return jobs_of("call.square") == 2; }));
    go_on = true;
    go_on.notify_all();
    EXPECT_EQ(a.get() + b.get() + c.get(), 4);
    EXPECT_EQ(worker.begun(), 2);
}

}  // namespace
}  // namespace sheaf::test
