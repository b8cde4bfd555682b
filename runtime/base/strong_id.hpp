// Numbers that are names: one type per meaning, explicit both ways.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sheaf {

/// A number that names one thing. Two ids of different `Tag` do not compare, convert or mix.
template <class Tag, class Number = std::uint64_t>
class strong_id {
  public:
    using number_type = Number;

    constexpr strong_id() = default;
    constexpr explicit strong_id(Number value) noexcept : value_(value) {}

    [[nodiscard]] constexpr Number value() const noexcept { return value_; }
    friend constexpr auto operator<=>(const strong_id&, const strong_id&) = default;  // NOLINT: not a pointer

  private:
    Number value_{};
};

}  // namespace sheaf

template <class Tag, class Number>
struct std::hash<sheaf::strong_id<Tag, Number>> {
    std::size_t operator()(const sheaf::strong_id<Tag, Number>& id) const noexcept {
        return std::hash<Number>{}(id.value());
    }
};
