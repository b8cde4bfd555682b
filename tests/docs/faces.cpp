// The guide's page about tasks and calls: one call in all its forms, and streams.
#include <chrono>
#include <coroutine>
#include <exception>
#include <future>
#include <iostream>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <sheaf/asio.hpp>
#include <sheaf/next_of.hpp>
#include <sheaf/sheaf.hpp>
#include <sheaf/std_future.hpp>

using namespace std::chrono_literals;

inline constexpr sheaf::task<"faces.square", long(int)> square{};
inline constexpr sheaf::task<"faces.doze", void()> doze{};

// [stream_task]
inline constexpr sheaf::task<"text.lines", sheaf::stream<std::string>(int)> make_lines{};
// [/stream_task]

// [stream_handler]
void write_lines(sheaf::context& context, sheaf::stream_writer<std::string>& out, int count) {
    for (int i = 1; i <= count && !context.stop_requested(); ++i) out.write("line " + std::to_string(i));
}
// [/stream_handler]

void doze_until_stopped(sheaf::context& context) {
    while (!context.stop_requested()) std::this_thread::sleep_for(1ms);
}

// A coroutine that runs by itself; any type of coroutine will do.
struct unattended {
    struct promise_type {
        unattended get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

// [coroutine]
unattended add_squares(sheaf::cluster& cluster, std::promise<long>& sum) {
    const long nine = co_await cluster.submit(square(3));
    auto [one, four] = co_await sheaf::when_all(cluster.submit(square(1)), cluster.submit(square(2)));
    const sheaf::result<long> sixteen = co_await sheaf::as_result(cluster.submit(square(4)));  // does not throw
    sum.set_value(one + four + nine + (sixteen ? *sixteen : 0));
}
// [/coroutine]

// [next_of]
unattended add_all_squares(sheaf::cluster& cluster, std::promise<long>& sum) {
    auto run = cluster.scatter(square, std::views::iota(0, 100));
    long total = 0;
    while (auto done = co_await sheaf::next_of(run)) total += done->outcome ? *done->outcome : 0;
    sum.set_value(total);
}
// [/next_of]

// clang 14 cannot see libstdc++'s coroutines, and Asio then leaves out its own.
#ifdef BOOST_ASIO_HAS_CO_AWAIT
// [asio]
boost::asio::awaitable<void> print_square(sheaf::cluster& cluster) {
    std::cout << co_await sheaf::async_call(cluster, square(11), boost::asio::use_awaitable) << '\n';
}
// [/asio]

void with_asio(sheaf::cluster& cluster) {
    boost::asio::io_context io;
    boost::asio::co_spawn(io, print_square(cluster), boost::asio::use_future);
    io.run();
}
#else
void with_asio(sheaf::cluster& cluster) {
    std::cout << sheaf::async_call(cluster, square(11), boost::asio::use_future).get() << '\n';
}
#endif

void with_futures(sheaf::cluster& cluster) {
    // [submit]
    sheaf::future<long> later = cluster.submit(square(5));  // does not wait
    // ...
    std::cout << later.get() << '\n';  // does
    // [/submit]

    // [when_all]
    std::vector<sheaf::future<long>> some;
    for (int i = 1; i <= 3; ++i) some.push_back(cluster.submit(square(i)));
    for (const long one : sheaf::when_all(std::move(some)).get()) std::cout << one << '\n';
    // [/when_all]

    // [then]
    std::promise<void> printed;
    cluster.submit(square(6)).then([&](const sheaf::result<long>& outcome) {
        std::cout << (outcome ? std::to_string(*outcome) : outcome.error().message) << '\n';
        printed.set_value();
    });
    printed.get_future().wait();
    // [/then]

    // [to_std]
    std::future<long> standard = sheaf::to_std(cluster.submit(square(7)));
    // [/to_std]
    std::cout << standard.get() << '\n';
}

void with_cancellation(sheaf::cluster& cluster) {
    // [cancel]
    sheaf::future<void> nap = cluster.submit(doze());
    nap.cancel();
    try {
        nap.get();
    } catch (const sheaf::cancelled&) {
        std::cout << "cancelled\n";
    }
    // [/cancel]

    // [stop]
    std::stop_source stop;
    auto one = cluster.submit(doze(), {.stop = stop.get_token()});
    auto other = cluster.submit(doze(), {.stop = stop.get_token()});
    stop.request_stop();  // ends both
    // [/stop]
    std::cout << (one.result() ? "slept" : "stopped") << ' ' << (other.result() ? "slept" : "stopped") << '\n';

    {
        // [scoped]
        auto held = sheaf::scoped(cluster.submit(doze()));  // cancels the call when it is destroyed
        // [/scoped]
    }
}

int main(int argc, char** argv) {
    sheaf::app app{"faces"};
    app.bind(square, [](int x) { return long{x} * x; });
    app.bind(doze, doze_until_stopped);
    app.bind(make_lines, write_lines);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        with_futures(cluster);
        std::promise<long> sum;
        add_squares(cluster, sum);
        std::cout << sum.get_future().get() << '\n';
        std::promise<long> larger;
        add_all_squares(cluster, larger);
        std::cout << larger.get_future().get() << '\n';
        with_asio(cluster);
        with_cancellation(cluster);
        // [stream_call]
        for (const std::string& line : cluster.stream(make_lines(3))) std::cout << line << '\n';
        // [/stream_call]
        return 0;
    });
}
