// Calls as asynchronous operations of Boost.Asio, for any completion token. Not in sheaf.hpp, which knows no Asio.
//
//     boost::asio::awaitable<void> run(sheaf::cluster& cluster) {
//         long nine = co_await sheaf::async_call(cluster, square(3), boost::asio::use_awaitable);   // throws as call() does
//         sheaf::result<long> r = co_await sheaf::async_try_call(cluster, square(3), boost::asio::use_awaitable);
//     }
//     std::future<long> later = sheaf::async_call(cluster, square(3), boost::asio::use_future);
//     sheaf::async_try_call(cluster, square(3), [](sheaf::result<long> r) { ... });
//
// Handlers run on the executor that is associated with them, as Asio's own operations' do; without one, on Asio's system
// executor. A cancellation slot that is associated with the token cancels the call, whatever the kind of cancellation: it
// ends with errc::cancelled, and its handler is stopped.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>

#include <sheaf/cluster.hpp>

namespace sheaf {

namespace detail {

/// A call that an Asio operation started: tells `Handler` the result<R> on the executor that goes with it.
template <class Task, class Handler>
class asio_call final : public call_sender::listener {
    using executor = boost::asio::associated_executor_t<Handler>;

  public:
    explicit asio_call(Handler handler)
        : handler_(std::move(handler)),
          executor_(boost::asio::prefer(boost::asio::get_associated_executor(handler_),
                                        boost::asio::execution::outstanding_work.tracked)) {}

    static void start(const std::shared_ptr<call_engine>& through, const raw_call& call, const call_options& how,
                      Handler handler) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        const auto made = std::make_shared<asio_call>(std::move(handler));
        if (slot.is_connected()) {
            slot.assign([engine = std::weak_ptr(through), of = std::weak_ptr(made)](boost::asio::cancellation_type) {
                const auto sender = engine.lock();
                const auto one = of.lock();
                if (sender && one) sender->cancel(one->id_);
            });
        }
        made->id_ = through->submit(call, how, made, 0);
    }

    void on_result(std::uint64_t /*tag*/, raw_result outcome) override {
        boost::asio::post(executor_, [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
            if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
            std::move(handler)(read_result<Task>(std::move(outcome)));
        });
    }

  private:
    // The executor's context does not run out of work while the call is out.
    using tracked = std::decay_t<decltype(boost::asio::prefer(std::declval<executor>(),
                                                              boost::asio::execution::outstanding_work.tracked))>;

    Handler handler_;
    tracked executor_;
    std::atomic<call_sender::call_id> id_ = 0;
};

/// Turns a result<R> into what a handler of (std::exception_ptr, R) takes.
template <class Task, class Handler>
struct throwing_handler {
    using result_type = typename Task::result_type;
    // Asio finds executor and cancellation slot of the handler within through these.
    using executor_type = boost::asio::associated_executor_t<Handler>;
    using cancellation_slot_type = boost::asio::associated_cancellation_slot_t<Handler>;

    [[nodiscard]] executor_type get_executor() const noexcept { return boost::asio::get_associated_executor(within); }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
        return boost::asio::get_associated_cancellation_slot(within);
    }

    void operator()(result<result_type> outcome) && {
        std::exception_ptr problem;
        if constexpr (std::is_void_v<result_type>) {
            try {
                value_or_throw<Task>(std::move(outcome));
            } catch (...) {
                problem = std::current_exception();
            }
            std::move(within)(problem);
        } else {
            result_type value{};
            try {
                value = value_or_throw<Task>(std::move(outcome));
            } catch (...) {
                problem = std::current_exception();
            }
            std::move(within)(problem, std::move(value));
        }
    }

    Handler within;
};

template <class R>
struct throwing_signature {
    using type = void(std::exception_ptr, R);
};
template <>
struct throwing_signature<void> {
    using type = void(std::exception_ptr);
};

}  // namespace detail

/// Makes one call; completes with void(sheaf::result<R>).
template <task_type Task, class Token>
auto async_try_call(cluster& where, const call_of<Task>& what, const call_options& how, Token&& token) {
    auto call = detail::prepare_call<Task>(what.arguments, how);
    return boost::asio::async_initiate<Token, void(result<typename Task::result_type>)>(
        [](auto handler, std::shared_ptr<detail::call_engine> engine, const detail::raw_call& made,
           const call_options& options) {
            detail::asio_call<Task, decltype(handler)>::start(engine, made, options, std::move(handler));
        },
        token, where.shared_engine(), std::move(call), how);
}
template <task_type Task, class Token>
auto async_try_call(cluster& where, const call_of<Task>& what, Token&& token) {
    return async_try_call(where, what, call_options{}, std::forward<Token>(token));
}

/// Makes one call; completes with void(std::exception_ptr, R), or void(std::exception_ptr) when there is no result. Tokens
/// that throw, such as use_awaitable and use_future, throw what cluster::call() throws.
template <task_type Task, class Token>
auto async_call(cluster& where, const call_of<Task>& what, const call_options& how, Token&& token) {
    auto call = detail::prepare_call<Task>(what.arguments, how);
    return boost::asio::async_initiate<Token, typename detail::throwing_signature<typename Task::result_type>::type>(
        [](auto handler, std::shared_ptr<detail::call_engine> engine, const detail::raw_call& made,
           const call_options& options) {
            using throwing = detail::throwing_handler<Task, decltype(handler)>;
            detail::asio_call<Task, throwing>::start(engine, made, options, throwing{std::move(handler)});
        },
        token, where.shared_engine(), std::move(call), how);
}
template <task_type Task, class Token>
auto async_call(cluster& where, const call_of<Task>& what, Token&& token) {
    return async_call(where, what, call_options{}, std::forward<Token>(token));
}

}  // namespace sheaf
