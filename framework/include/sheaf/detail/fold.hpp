// How the values of a key become one: what tables and merges of associative jobs are told. Not for users.
//
// A fold has an `input`, what comes in, and a `state`, what is kept for a key:
//   state first(input&&)              the state of the first input
//   void  add(state&, input&&)        takes another one in
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/value_codec.hpp>

namespace sheaf::detail {

/// For catch blocks: throws the exception that is being handled again, with a text that says who threw it: "the combiner". Memory that
/// is lacking stays that.
[[noreturn]] void rethrow_of(const char* thrower);

/// By V(V, V), associative.
template <class V, class Combine>
class combine_fold {
  public:
    using input = value_argument<V>;
    using state = V;

    explicit combine_fold(Combine combine) : combine_(std::move(combine)) {}

    [[nodiscard]] state first(input&& value) const { return V(std::move(value)); }
    void add(state& kept, input&& value) const {
        try {
            if constexpr (std::is_trivially_copyable_v<V>) {
                kept = combine_(kept, value);
            } else {
                kept = combine_(std::move(kept), V(std::move(value)));
            }
        } catch (...) {
            rethrow_of("the combiner");
        }
    }

  private:
    [[no_unique_address]] Combine combine_;
};

/// Takes values of type V into an accumulator: `add(value)`.
template <class V, class Accumulator>
struct accumulate_fold {
    using input = value_argument<V>;
    using state = Accumulator;

    [[nodiscard]] state first(input&& value) const {
        Accumulator all{};
        add(all, std::move(value));
        return all;
    }
    void add(state& kept, input&& value) const {
        try {
            if constexpr (requires { kept.add(std::move(value)); }) {
                kept.add(std::move(value));
            } else {
                kept.add(V(std::move(value)));
            }
        } catch (...) {
            rethrow_of("the accumulator's add()");
        }
    }
};

/// Merges accumulators: `merge(other)`.
template <class Accumulator>
struct merge_fold {
    using input = Accumulator;
    using state = Accumulator;

    [[nodiscard]] state first(input&& one) const { return std::move(one); }
    void add(state& kept, input&& one) const {
        try {
            kept.merge(std::move(one));
        } catch (...) {
            rethrow_of("the accumulator's merge()");
        }
    }
};

}  // namespace sheaf::detail
