// What a user's function takes, and calling it with what it takes. Not for users.
#pragma once

#include <functional>
#include <type_traits>
#include <utility>

namespace sheaf::detail {

/// `type` is F's first parameter without references; void when F is generic or overloaded.
template <class F>
struct first_parameter {
    using type = void;
};
template <class R, class First, class... More>
struct first_parameter<R (*)(First, More...)> {
    using type = std::remove_cvref_t<First>;
};
template <class R, class First, class... More>
struct first_parameter<R (*)(First, More...) noexcept> : first_parameter<R (*)(First, More...)> {};

template <class Member>
struct member_parameters {
    using type = void;
};
template <class R, class C, class First, class... More>
struct member_parameters<R (C::*)(First, More...)> : first_parameter<R (*)(First, More...)> {};
template <class R, class C, class First, class... More>
struct member_parameters<R (C::*)(First, More...) const> : first_parameter<R (*)(First, More...)> {};
template <class R, class C, class First, class... More>
struct member_parameters<R (C::*)(First, More...) noexcept> : first_parameter<R (*)(First, More...)> {};
template <class R, class C, class First, class... More>
struct member_parameters<R (C::*)(First, More...) const noexcept> : first_parameter<R (*)(First, More...)> {};

template <class F>
    requires requires { &F::operator(); }
struct first_parameter<F> : member_parameters<decltype(&F::operator())> {};

template <class F>
using first_parameter_t = typename first_parameter<std::decay_t<F>>::type;

/// Side data of jobs without.
struct no_side {};

/// Whether F takes the side data behind the arguments A.
template <class F, class Side, class... A>
inline constexpr bool takes_side = !std::is_same_v<Side, no_side> && std::is_invocable_v<F&, A..., const Side&>;

/// Whether F can be called with A, with or without the side data.
template <class F, class Side, class... A>
inline constexpr bool is_callable = std::is_invocable_v<F&, A...> || takes_side<F, Side, A...>;

/// Calls `f`, with the side data if it takes it.
template <class F, class Side, class... A>
decltype(auto) call_with_side(F& f, const Side& side, A&&... arguments) {
    if constexpr (takes_side<F, Side, A...>) {
        return std::invoke(f, std::forward<A>(arguments)..., side);
    } else {
        return std::invoke(f, std::forward<A>(arguments)...);
    }
}

}  // namespace sheaf::detail
