// The result of a call that was submitted: to be waited for, called back with, or awaited by a coroutine.
//
//     sheaf::future<long> one = cluster.submit(square(7));
//     long value = one.get();                                             // waits; throws what the task declares
//     cluster.submit(square(8)).then([](sheaf::result<long> r) { ... });  // on the cluster's callback thread
//     long other = co_await cluster.submit(square(9));                    // in any coroutine
//     sheaf::result<long> r = co_await sheaf::as_result(cluster.submit(square(9)));
//     auto [a, b] = co_await sheaf::when_all(cluster.submit(square(1)), cluster.submit(square(2)));
//
// g++ 12 destroys in the wrong place what braces make within co_await: call_options, and arguments such as square({1, 2}),
// want to be variables there.
//
// A future that is dropped leaves its call running. scoped() makes one that cancels it. For std::future see std_future.hpp,
// for Asio's completion tokens asio.hpp.
//
// Callbacks and awaiting coroutines go on on one thread that belongs to the cluster and does nothing else, one at a time.
// They may take their time, but those that wait for futures there hold up the others.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <sheaf/detail/pending_call.hpp>
#include <sheaf/detail/typed_call.hpp>
#include <sheaf/failure.hpp>

namespace sheaf {

namespace detail {

/// How a raw result becomes an R: what is left of the task in a future.
template <class R>
struct result_reader {
    result<R> (*read)(raw_result);
    R (*value_or_throw)(result<R>);
};
template <class Task>
inline constexpr result_reader<typename Task::result_type> reader_of{&read_result<Task>, &value_or_throw<Task>};

/// What a coroutine awaits: it is resumed when `what` is ready, unless it has been destroyed until then.
class awaiter_base {
  public:
    explicit awaiter_base(std::shared_ptr<awaited> what) noexcept : what_(std::move(what)) {}
    ~awaiter_base() {
        if (suspended_) what_->forget_callback();
    }
    awaiter_base(const awaiter_base&) = delete;
    awaiter_base& operator=(const awaiter_base&) = delete;

    [[nodiscard]] bool await_ready() const { return what_->ready(); }
    void await_suspend(std::coroutine_handle<> of) {
        suspended_ = true;
        // By then the coroutine may run already, and this be gone: nothing of it is used.
        const std::shared_ptr<awaited> what = what_;
        what->when_ready([of] { of.resume(); });
    }

  private:
    std::shared_ptr<awaited> what_;
    bool suspended_ = false;
};

}  // namespace detail

/// The result of one call. Movable; one thread at a time. get(), result(), then() and co_await use it up.
template <class R>
class future {
  public:
    using value_type = R;

    future() = default;
    /// Made by cluster::submit().
    future(std::shared_ptr<detail::pending_call> call, const detail::result_reader<R>& reader) noexcept
        : call_(std::move(call)), reader_(&reader) {}

    /// Whether there is a call: not after it was used up or moved from.
    [[nodiscard]] bool valid() const noexcept { return call_ != nullptr; }
    /// Whether the call has ended.
    [[nodiscard]] bool ready() const { return call_->ready(); }
    /// Waits until the call has ended: by its deadline at the latest.
    void wait() const { call_->wait(); }
    /// Whether the call has ended after `time` at most.
    [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const { return call_->wait_for(time); }

    /// Waits for the result. Throws the exceptions that the task declares, else those of failure.hpp.
    R get() { return reader_->value_or_throw(result()); }
    /// As get(), with failures as values: also that a handler's wait would deadlock.
    [[nodiscard]] sheaf::result<R> result() {
        const auto call = std::move(call_);
        return reader_->read(call->take());
    }
    /// Calls `callback` with a result<R> when the call has ended, on the cluster's callback thread. It must not throw.
    template <class Callback>
    void then(Callback callback) {
        auto shared = std::make_shared<Callback>(std::move(callback));  // a std::function must be copyable
        detail::pending_call& call = *call_;
        call.when_ready([shared, call = std::move(call_), reader = reader_] { (*shared)(reader->read(call->take())); });
    }
    /// The call ends with errc::cancelled, unless it has ended; its handler is stopped.
    void cancel() { call_->cancel(); }

    /// Throws as get() does.
    auto operator co_await() {
        struct awaiter : detail::awaiter_base {
            explicit awaiter(future of) : awaiter_base(of.call_), of_(std::move(of)) {}
            R await_resume() { return of_.get(); }
            future of_;
        };
        return awaiter(std::move(*this));
    }

    /// What is waited for. Not for users.
    [[nodiscard]] const std::shared_ptr<detail::pending_call>& call() const noexcept { return call_; }

  private:
    std::shared_ptr<detail::pending_call> call_;
    const detail::result_reader<R>* reader_ = nullptr;
};

/// For `co_await as_result(f)`: failures as values.
template <class R>
auto as_result(future<R> of) {
    struct awaiter : detail::awaiter_base {
        explicit awaiter(future<R> awaited) : awaiter_base(awaited.call()), of_(std::move(awaited)) {}
        result<R> await_resume() { return of_.result(); }
        future<R> of_;
    };
    return awaiter(std::move(of));
}

/// A future that cancels its call when it is dropped before it was used up.
template <class R>
class scoped_future : public future<R> {
  public:
    explicit scoped_future(future<R> of) noexcept : future<R>(std::move(of)) {}
    scoped_future(scoped_future&&) noexcept = default;
    scoped_future& operator=(scoped_future&& other) {
        drop();
        future<R>::operator=(std::move(other));
        return *this;
    }
    ~scoped_future() { drop(); }

  private:
    void drop() {
        if (this->valid()) this->cancel();
    }
};

/// `of`, to be cancelled when it is dropped.
template <class R>
[[nodiscard]] scoped_future<R> scoped(future<R> of) {
    return scoped_future<R>(std::move(of));
}

namespace detail {

/// A value of type R, or something in its place when there is none.
template <class R>
using value_of = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

template <class R>
value_of<R> get_value(future<R>& from) {
    if constexpr (std::is_void_v<R>) {
        from.get();
        return {};
    } else {
        return from.get();
    }
}

/// Throws for the one of `futures` that failed first.
template <class... R, std::size_t... I>
std::tuple<value_of<R>...> get_all(std::tuple<future<R>...>& futures, std::size_t failed, std::index_sequence<I...>) {
    ((I == failed ? (void)std::get<I>(futures).get() : void()), ...);
    return {get_value(std::get<I>(futures))...};
}
template <class... R>
std::tuple<value_of<R>...> get_all(std::tuple<future<R>...>& futures, std::size_t failed) {
    return get_all(futures, failed, std::index_sequence_for<R...>());
}
template <class R>
std::vector<value_of<R>> get_all(std::vector<future<R>>& futures, std::size_t failed) {
    if (failed < futures.size()) (void)futures[failed].get();
    std::vector<value_of<R>> values;
    values.reserve(futures.size());
    for (future<R>& one : futures) values.push_back(get_value(one));
    return values;
}

}  // namespace detail

/// Several futures that are waited for together: made by when_all(). Movable; get() and co_await use it up.
template <class Futures>
class joined {
  public:
    joined(Futures futures, detail::pending_calls::parts parts)
        : futures_(std::move(futures)), all_(detail::pending_calls::join(std::move(parts))) {}

    [[nodiscard]] bool ready() const { return all_->ready(); }
    [[nodiscard]] bool wait_for(std::chrono::milliseconds time) const { return all_->wait_for(time); }
    /// All values: a tuple (std::monostate for void), or a vector. Throws what the first that failed throws.
    auto get() {
        all_->wait();
        return detail::get_all(futures_, all_->first_failed());
    }
    void cancel() { all_->cancel(); }

    auto operator co_await() {
        struct awaiter : detail::awaiter_base {
            explicit awaiter(joined of) : awaiter_base(of.all_), of_(std::move(of)) {}
            auto await_resume() { return of_.get(); }
            joined of_;
        };
        return awaiter(std::move(*this));
    }

  private:
    Futures futures_;
    std::shared_ptr<detail::pending_calls> all_;
};

/// Waits for all; as soon as one fails, the others are cancelled, and waited for.
///     auto [a, b] = co_await sheaf::when_all(cluster.submit(square(1)), cluster.submit(square(2)));
template <class... R>
[[nodiscard]] joined<std::tuple<future<R>...>> when_all(future<R>... futures) {
    detail::pending_calls::parts parts{futures.call()...};
    return {std::tuple<future<R>...>(std::move(futures)...), std::move(parts)};
}
template <class R>
[[nodiscard]] joined<std::vector<future<R>>> when_all(std::vector<future<R>> futures) {
    detail::pending_calls::parts parts;
    for (const future<R>& one : futures) parts.push_back(one.call());
    return {std::move(futures), std::move(parts)};
}

}  // namespace sheaf
