// What a value holds outside of itself: how budgets count what is on the heap. Not for users.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

#include <sheaf/detail/cereal_parts.hpp>
#include <sheaf/detail/wire_kind.hpp>

namespace sheaf::detail {

/// Types that know how many bytes they hold on the heap.
template <class T>
concept knows_bytes_held = requires(const T& value) {
    { value.bytes_held() } -> std::convertible_to<std::size_t>;
};

/// What a node of a tree or a hash table takes besides its element, roughly.
inline constexpr std::size_t held_per_node = 4 * sizeof(void*);

template <class T>
[[nodiscard]] std::size_t bytes_held(const T& value);

/// Adds up what the parts of a class hold, as its serialize() names them.
class held_output {
  public:
    using is_saving = std::true_type;
    using is_loading = std::false_type;
    template <class... T>
    held_output& operator()(const T&... values) {
        ((sum_ += bytes_held(values)), ...);
        return *this;
    }
    template <class T>
    held_output& operator&(const T& value) {
        return (*this)(value);
    }
    template <class T>
    held_output& operator<<(const T& value) {
        return (*this)(value);
    }
    [[nodiscard]] std::size_t sum() const noexcept { return sum_; }

  private:
    std::size_t sum_ = 0;
};

template <class T>
[[nodiscard]] std::size_t bytes_held_by_elements(const T& values) {
    std::size_t sum = 0;
    if constexpr (!std::is_trivially_copyable_v<element_t<T>>) {
        for (const auto& one : values) sum += bytes_held(static_cast<const element_t<T>&>(one));
    }
    return sum;
}

/// Bytes that `value` holds on the heap, as nearly as can be told from its type. Of containers of containers it takes a walk.
template <class T>
[[nodiscard]] std::size_t bytes_held(const T& value) {
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (std::is_trivially_copyable_v<T>) {
        return 0;
    } else if constexpr (knows_bytes_held<T>) {
        return value.bytes_held();
    } else if constexpr (kind == wire_kind::text) {
        return value.capacity() <= std::string().capacity() ? 0 : value.capacity() + 1;
    } else if constexpr (kind == wire_kind::sequence && requires { value.capacity(); }) {
        return value.capacity() * sizeof(element_t<T>) + bytes_held_by_elements(value);
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::set || kind == wire_kind::map) {
        return value.size() * (sizeof(element_t<T>) + held_per_node) + bytes_held_by_elements(value);
    } else if constexpr (kind == wire_kind::array) {
        return bytes_held_by_elements(value);
    } else if constexpr (kind == wire_kind::optional) {
        if (!value) return 0;
        return bytes_held(*value) + (is_owning_pointer<T> ? sizeof *value : 0);
    } else if constexpr (kind == wire_kind::variant) {
        return std::visit([](const auto& held) { return bytes_held(held); }, value);
    } else if constexpr (kind == wire_kind::tuple) {
        return std::apply([](const auto&... parts) { return (std::size_t{0} + ... + bytes_held(parts)); }, value);
    } else if constexpr (kind == wire_kind::named) {
        return bytes_held(value.value);
    } else if constexpr (has_parts<held_output, held_output, T>) {
        held_output parts;
        save_parts(parts, value);
        return parts.sum();
    } else {
        return 0;
    }
}

/// Whether bytes_held() takes the same short time however much a T holds.
template <class T>
inline constexpr bool is_quickly_measured = [] {
    constexpr wire_kind kind = kind_of<T>;
    if constexpr (std::is_trivially_copyable_v<T> || knows_bytes_held<T> || kind == wire_kind::text) {
        return true;
    } else if constexpr (kind == wire_kind::sequence || kind == wire_kind::set || kind == wire_kind::map) {
        return std::is_trivially_copyable_v<element_t<T>>;
    } else {
        return false;
    }
}();

/// A value in a table, and what it holds. A value whose measuring is a walk is measured when it has grown by a quarter of the
/// additions so far, so that all the walks together cost about as much as the additions.
template <class T>
class measured_value {
  public:
    explicit measured_value(T&& value) : value_(std::move(value)), held_(detail::bytes_held(value_)) {}

    [[nodiscard]] T& value() noexcept { return value_; }
    [[nodiscard]] std::size_t bytes_held() const noexcept { return held_; }
    /// The value has changed. Returns by how much it has grown: a difference, modulo 2^64.
    [[nodiscard]] std::size_t changed() {
        if constexpr (!is_quickly_measured<T>) {
            if (++additions_ < next_) return 0;
            next_ = additions_ + additions_ / 4 + 1;
        }
        const std::size_t before = std::exchange(held_, detail::bytes_held(value_));
        return held_ - before;
    }

  private:
    T value_;
    std::size_t held_;
    std::uint32_t additions_ = 0;
    std::uint32_t next_ = 1;
};

}  // namespace sheaf::detail
