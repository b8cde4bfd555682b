// The values that a join walks again and again: those of its first input for one key. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/record_pile.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/sorted_records.hpp>
#include <sheaf/detail/value_range.hpp>

namespace sheaf::detail {

/// Some records' values, kept: where they are, when all of the partition is in memory; else copied, and spilled above a budget.
class kept_values {
  public:
    /// Spill files go to `directory`, compressed when `pack` says so.
    kept_values(std::uint64_t memory_budget, std::string directory, bool pack = false);
    kept_values(const kept_values&) = delete;
    kept_values& operator=(const kept_values&) = delete;
    ~kept_values();

    /// Forgets those of the key before.
    void clear();
    /// Keeps the value of the record that `records` is at, whose group is of one stretch.
    void add(const sorted_records& records);
    /// All have been added.
    void seal();
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// How often the budget was used up.
    [[nodiscard]] std::uint64_t spills() const noexcept { return spills_; }

    /// One walk over the values.
    class reader {
      public:
        explicit reader(const kept_values& of);
        /// Goes to the next value, first the first one; false at the end.
        [[nodiscard]] bool next();
        [[nodiscard]] const record_view& record() const noexcept { return record_; }

      private:
        const kept_values* of_;
        std::size_t at_;  ///< in the pile, or in the bytes in memory
        std::shared_ptr<extent_cursor> spilled_;
        record_view record_;
    };

  private:
    void spill();

    std::uint64_t memory_budget_;
    std::string directory_;
    bool pack_;
    std::uint64_t size_ = 0;
    std::uint64_t spills_ = 0;
    const record_pile* pile_ = nullptr;
    std::size_t first_ = 0;  ///< in the pile
    std::string copied_;     ///< records without a key
    std::unique_ptr<segment_writer> writer_;
    std::string spill_path_;
};

/// What a joiner sees of them: a range that can be walked any number of times, by one walk at a time or several.
template <class L>
class left_values {
  public:
    explicit left_values(const kept_values& of) : of_(&of) {}

    [[nodiscard]] std::uint64_t size() const noexcept { return of_->size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = L;
        using difference_type = std::ptrdiff_t;

        explicit iterator(const kept_values& of) : reader_(of), more_(reader_.next()) {}

        /// Numbers by value, others by a reference that is valid until the iterator moves.
        [[nodiscard]] std::conditional_t<std::is_arithmetic_v<L>, L, const L&> operator*() const {
            decode_record_value<L, value_framing::sized>(reader_.record(), value_);
            return value_;
        }
        iterator& operator++() {
            more_ = reader_.next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& a, std::default_sentinel_t) noexcept { return !a.more_; }

      private:
        kept_values::reader reader_;
        mutable L value_{};
        bool more_;
    };

    [[nodiscard]] iterator begin() const { return iterator(*of_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    const kept_values* of_;
};

}  // namespace sheaf::detail
