// A call's result as a std::future. Not in sheaf.hpp: <future> takes the compiler a while.
#pragma once

#include <exception>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include <sheaf/future.hpp>

namespace sheaf {

/// `of` for code that waits for a std::future. A handler that waits for that one does not lend its slot, and it is made ready
/// on the cluster's callback thread: there nobody can wait for it.
template <class R>
[[nodiscard]] std::future<R> to_std(future<R> of) {
    auto promise = std::make_shared<std::promise<R>>();
    std::future<R> made = promise->get_future();
    detail::pending_call& call = *of.call();
    auto held = std::make_shared<future<R>>(std::move(of));
    call.when_ready([promise, held] {
        try {
            if constexpr (std::is_void_v<R>) {
                held->get();
                promise->set_value();
            } else {
                promise->set_value(held->get());
            }
        } catch (...) {
            promise->set_exception(std::current_exception());
        }
    });
    return made;
}

}  // namespace sheaf
