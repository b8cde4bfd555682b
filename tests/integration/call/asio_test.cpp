// Calls with completion tokens of Boost.Asio.
#include <future>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "integration/call/call_fixture.hpp"
#include <sheaf/asio.hpp>

namespace sheaf::test {
namespace {

namespace asio = boost::asio;

class asio_calls : public testing::Test {
  protected:
    own_server server;
    cluster where = cluster::connect(to_string(server.where()));
    obedient_worker worker{server.where(), bound(square, [](int x) {
                               if (x < 0) throw std::runtime_error("negative");
                               return long{x} * x;
                           })};
    call_options how{.deadline = patience};
    asio::io_context context;
};

TEST_F(asio_calls, a_handler_runs_on_its_executor) {
    long value = 0;
    std::thread::id ran_on;
    async_call(where, square(3), how, asio::bind_executor(context, [&](std::exception_ptr problem, long v) {
                   EXPECT_EQ(problem, nullptr);
                   value = v;
                   ran_on = std::this_thread::get_id();
               }));
    context.run();  // has work until then
    EXPECT_EQ(value, 9);
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(asio_calls, use_future_throws_as_call_does) {
    EXPECT_EQ(async_call(where, square(3), how, asio::use_future).get(), 9);
    EXPECT_THROW(async_call(where, square(-3), how, asio::use_future).get(), remote_error);
}

TEST_F(asio_calls, a_slot_cancels_the_call) {
    const obedient_worker slow(server.where(), bound(wait_for_stop, wait_until_stopped));
    asio::cancellation_signal signal;
    errc seen = errc::ok;
    async_try_call(where, wait_for_stop(1), how,
                   asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(context, [&](const result<int>& r) {
                                                    seen = r.error().code;
                                                })));
    ASSERT_TRUE(eventually([&] { return slow.begun() == 1; }));
    signal.emit(asio::cancellation_type::terminal);
    context.run();
    EXPECT_EQ(seen, errc::cancelled);
    EXPECT_TRUE(eventually([&] { return slow.stopped() == 1; }));
}

// clang 14 cannot see libstdc++'s coroutines, and Asio then leaves out its own.
#ifdef BOOST_ASIO_HAS_CO_AWAIT

TEST_F(asio_calls, a_coroutine_of_asio_awaits_calls) {
    std::tuple<long, bool, errc> seen;
    const auto run = [&]() -> asio::awaitable<void> {
        std::get<0>(seen) = co_await async_call(where, square(3), how, asio::use_awaitable);
        const auto [problem, value] = co_await async_call(where, square(-3), how, asio::as_tuple(asio::use_awaitable));
        std::get<1>(seen) = problem != nullptr && value == 0;
        const auto r = co_await async_try_call(where, square(-3), how, asio::use_awaitable);
        std::get<2>(seen) = r.error().code;
    };
    asio::co_spawn(context, run(), asio::use_future);
    context.run();
    EXPECT_EQ(seen, std::tuple(9L, true, errc::remote_exception));
}

#endif

}  // namespace
}  // namespace sheaf::test
