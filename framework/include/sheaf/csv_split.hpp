// What a mapper of delimited records is called with: whole records of one file.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/csv_scan.hpp>
#include <sheaf/detail/for_each_split.hpp>

namespace sheaf {

class csv_split;

/// A record is not what the mapper takes it for: it has no such field, or another kind of one. The text says where it is.
class csv_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One record. The views of its fields live until the next record is read: copy what you keep.
class csv_row {
  public:
    /// What map_each() of rows reads.
    using split_type = csv_split;

    /// How many fields there are.
    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
    /// Field number `index`, from 0: without its quotes, its doubled quotes single. Throws csv_error when there are not so many.
    [[nodiscard]] std::string_view operator[](std::size_t index) const {
        if (index >= fields_.size()) [[unlikely]]
            throw_too_short(index);
        return fields_[index].text(unquoted_);
    }
    [[nodiscard]] std::string_view operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
    /// The field of a column by its name. Throws csv_error when the file has no such column, or the record no such field. Looks
    /// through the names: where that counts, ask csv_split::column() once for the column's number.
    [[nodiscard]] std::string_view operator[](std::string_view column) const;
    [[nodiscard]] std::string_view operator[](const char* column) const { return (*this)[std::string_view(column)]; }

    /// A field as a number. Throws csv_error when it is none, or does not fit.
    template <class T, class Column>
        requires(std::is_arithmetic_v<T>)
    [[nodiscard]] T number(Column column) const {
        const std::string_view text = (*this)[column];
        T value{};
        const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (why != std::errc{} || end != text.data() + text.size()) [[unlikely]]
            throw_no_number(text);
        return value;
    }

    /// The record as the file has it, without the end of its line.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// Where it begins in the file, in bytes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    friend class csv_rows;

    [[noreturn]] void throw_too_short(std::size_t index) const;
    [[noreturn]] void throw_no_number(std::string_view text) const;

    const csv_split* split_ = nullptr;
    std::vector<detail::csv_field> fields_;
    std::string unquoted_;  // fields that had doubled quotes
    std::string_view text_;
    std::uint64_t offset_ = 0;
};

/// The records of a csv_split, for one pass.
class csv_rows {
  public:
    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = csv_row;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(csv_rows& of) noexcept : of_(&of) {}
        [[nodiscard]] const csv_row& operator*() const noexcept { return of_->row_; }
        [[nodiscard]] const csv_row* operator->() const noexcept { return &of_->row_; }
        iterator& operator++() {
            of_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& at, std::default_sentinel_t /*end*/) noexcept { return at.at_end(); }

      private:
        [[nodiscard]] bool at_end() const noexcept { return of_->ended_; }

        csv_rows* of_ = nullptr;
    };

    explicit csv_rows(const csv_split& of);
    [[nodiscard]] iterator begin() {
        advance();
        return iterator(*this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    void advance();

    std::size_t at_ = 0;
    bool ended_ = false;
    csv_row row_;
};

/// Whole records of one file of delimited text. Views into it live as long as the mapper's call.
///
///     void read_sales(const sheaf::csv_split& in, sheaf::emitter<std::string, double>& out) {
///         for (const sheaf::csv_row& sale : in.rows()) out.emit(sale["city"], sale.number<double>("price"));
///     }
class csv_split {
  public:
    explicit csv_split(const detail::split_source& from);

    /// The records, without the header and empty lines. A quote where none may be throws detail::unit_refused, which ends the run
    /// with a sentence that names the place.
    [[nodiscard]] csv_rows rows() const { return csv_rows(*this); }
    /// The same, for code that is for any kind of split.
    [[nodiscard]] csv_rows records() const { return rows(); }

    /// The columns' names, as the file's header has them; none if it has no header.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
    /// The number of the column `name`. Throws csv_error when there is none.
    [[nodiscard]] std::size_t column(std::string_view name) const;

    /// All of it.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// The file's path, absolute, or its address.
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }
    /// Where in the file text() begins, in bytes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    friend class csv_rows;
    friend struct detail::split_access<csv_split>;

    std::string_view text_;
    const std::string* path_;
    std::uint64_t offset_;
    detail::csv_dialect dialect_;
    std::vector<std::string> columns_;
};

namespace detail {

template <>
struct split_access<csv_split> {
    static constexpr std::string_view reads = "csv_files()";

    static bool fits(const input_format& format) noexcept { return format.records == record_format::csv; }
    static csv_split make(const split_source& from) { return csv_split(from); }

    template <class F>
    static void each_record(const split_source& from, F&& f) {
        csv_split one(from);
        for (std::size_t end = 0;;) {
            const std::string_view record = record_after(one, from, end);
            if (record.empty()) return;
            const auto begin = static_cast<std::size_t>(record.data() - from.bytes.data());
            end = begin + record.size();
            one.text_ = record;
            one.offset_ = from.offset + begin;
            if (!f(std::as_const(one), one.offset_, record.size())) return;
        }
    }

  private:
    /// The next record that begins at `at` or after it; empty when there is none.
    static std::string_view record_after(const csv_split& of, const split_source& from, std::size_t at);
};

}  // namespace detail
}  // namespace sheaf
