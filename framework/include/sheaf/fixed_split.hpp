// What a mapper of records of one size is called with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>

#include <sheaf/detail/for_each_split.hpp>

namespace sheaf {

/// Whole records of one size, of one file: a range of views. They live as long as the mapper's call.
///
///     void read_points(const sheaf::fixed_split& in, sheaf::emitter<std::uint32_t, double>& out) {
///         for (std::size_t i = 0; i < in.size(); ++i) {
///             const auto point = in.as<point_on_disk>(i);
///             out.emit(point.layer, point.height);
///         }
///     }
class fixed_split {
  public:
    class iterator {
      public:
        using iterator_concept = std::forward_iterator_tag;
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        iterator(const char* at, std::size_t size) noexcept : at_(at), size_(size) {}
        [[nodiscard]] std::string_view operator*() const noexcept { return {at_, size_}; }
        iterator& operator++() noexcept {
            at_ += size_;
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }

      private:
        const char* at_ = nullptr;
        std::size_t size_ = 0;
    };

    /// `bytes` are whole records, and what `path` holds from `offset` on.
    fixed_split(std::string_view bytes, std::size_t record_bytes, const std::string& path,
                std::uint64_t offset) noexcept
        : bytes_(bytes), record_bytes_(record_bytes), path_(&path), offset_(offset) {}

    [[nodiscard]] iterator begin() const noexcept { return {bytes_.data(), record_bytes_}; }
    [[nodiscard]] iterator end() const noexcept { return {bytes_.data() + bytes_.size(), record_bytes_}; }
    /// How many records there are.
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / record_bytes_; }
    /// Record number `index`, which is less than size().
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        return bytes_.substr(index * record_bytes_, record_bytes_);
    }
    /// The first bytes of record number `index` as a T, in this machine's byte order. T is no larger than a record.
    template <class T>
        requires(std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>)
    [[nodiscard]] T as(std::size_t index) const noexcept {
        T value;
        std::memcpy(&value, (*this)[index].data(), sizeof value < record_bytes_ ? sizeof value : record_bytes_);
        return value;
    }
    /// The records, for code that is for any kind of split.
    [[nodiscard]] const fixed_split& records() const noexcept { return *this; }

    /// All of it.
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    /// Bytes of each record.
    [[nodiscard]] std::size_t record_bytes() const noexcept { return record_bytes_; }
    /// The file's path, absolute, or its address.
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }
    /// Where in the file bytes() begins.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    std::string_view bytes_;
    std::size_t record_bytes_;
    const std::string* path_;
    std::uint64_t offset_;
};

namespace detail {

template <>
struct split_access<fixed_split> {
    static constexpr std::string_view reads = "fixed_records()";

    static bool fits(const input_format& format) noexcept { return format.records == record_format::fixed; }
    static fixed_split make(const split_source& from) noexcept {
        return {from.bytes, static_cast<std::size_t>(from.format.record_bytes), from.piece.path, from.offset};
    }
    template <class F>
    static void each_record(const split_source& from, F&& f) {
        std::uint64_t offset = from.offset;
        for (const std::string_view record : make(from)) {
            if (!f(fixed_split(record, record.size(), from.piece.path, offset), offset, record.size())) return;
            offset += record.size();
        }
    }
};

}  // namespace detail
}  // namespace sheaf
