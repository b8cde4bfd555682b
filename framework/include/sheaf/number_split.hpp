// What a mapper of numbers is called with: a stretch of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include <sheaf/detail/for_each_split.hpp>

namespace sheaf {

/// The numbers from first() to before last(): a range.
class number_split {
  public:
    class iterator {
      public:
        using iterator_concept = std::forward_iterator_tag;
        using value_type = std::int64_t;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(std::int64_t at) noexcept : at_(at) {}
        [[nodiscard]] std::int64_t operator*() const noexcept { return at_; }
        iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        iterator operator++(int) noexcept { return iterator(at_++); }
        friend bool operator==(const iterator& a, const iterator& b) noexcept = default;

      private:
        std::int64_t at_ = 0;
    };

    number_split(std::int64_t first, std::int64_t last) noexcept : first_(first), last_(last) {}

    [[nodiscard]] std::int64_t first() const noexcept { return first_; }
    [[nodiscard]] std::int64_t last() const noexcept { return last_; }
    [[nodiscard]] iterator begin() const noexcept { return iterator(first_); }
    [[nodiscard]] iterator end() const noexcept { return iterator(last_); }
    /// The numbers, for code that is for any kind of split.
    [[nodiscard]] const number_split& records() const noexcept { return *this; }

  private:
    std::int64_t first_;
    std::int64_t last_;
};

namespace detail {

template <>
struct split_access<number_split> {
    static constexpr std::string_view reads = "numbers()";

    static bool fits(const input_format& format) noexcept { return format.records == record_format::numbers; }
    static number_split make(const split_source& from) noexcept {
        return {at(from, from.piece.offset), at(from, from.piece.offset + from.piece.length)};
    }
    template <class F>
    static void each_record(const split_source& from, F&& f) {
        for (const std::int64_t number : make(from)) {
            const auto offset =
                static_cast<std::uint64_t>(number) - static_cast<std::uint64_t>(from.format.first_number);
            if (!f(number_split(number, number + 1), offset, std::uint64_t{1})) return;
        }
    }

  private:
    static std::int64_t at(const split_source& from, std::uint64_t offset) noexcept {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(from.format.first_number) + offset);
    }
};

}  // namespace detail
}  // namespace sheaf
