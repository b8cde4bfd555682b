// What a mapper of typed records is called with: those of a file that Sheaf has written, or of a container in the driver.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/codec.hpp>
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/record_lengths.hpp>
#include <sheaf/detail/type_schema.hpp>
#include <sheaf/input.hpp>

namespace sheaf {

namespace detail {

/// Throws unit_refused: the bytes at `at` of a split are no record.
[[noreturn]] void refuse_record(const std::string& path, std::uint64_t at, const char* what);

/// Where the records of a split are, and where that is.
struct typed_bytes {
    std::string_view bytes;
    const std::string* path = nullptr;
    std::uint64_t offset = 0;
};

/// Goes through the encoded records of a split.
class typed_cursor {
  public:
    explicit typed_cursor(const typed_bytes& from) : from_(from), cursor_(from.bytes) {}

    /// Gets the bytes of the next record; false after the last.
    [[nodiscard]] bool next(std::string_view& record) {
        begin_ = cursor_.position();
        if (cursor_.next(record)) return true;
        if (!cursor_.at_end()) refuse_record(*from_.path, from_.offset + begin_, "there is no record");
        return false;
    }
    /// Where the record begins, from the split's beginning, and where the next one does.
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t end() const noexcept { return cursor_.position(); }
    /// Throws unit_refused: what next() gave is not what it should be.
    [[noreturn]] void refuse(const char* what) const { refuse_record(*from_.path, from_.offset + begin_, what); }

  private:
    typed_bytes from_;
    length_cursor cursor_;
    std::size_t begin_ = 0;
};

/// Records as a range for one pass, each read by `Reader`: value_type, and read(bytes), which gives one.
template <class Reader>
class typed_range {
  public:
    using value_type = typename Reader::value_type;

    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = typename Reader::value_type;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(typed_range& of) noexcept : of_(&of) {}
        [[nodiscard]] const value_type& operator*() const noexcept { return of_->reader_.value; }
        [[nodiscard]] const value_type* operator->() const noexcept { return &of_->reader_.value; }
        iterator& operator++() {
            of_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& at, std::default_sentinel_t /*end*/) noexcept { return at.at_end(); }

      private:
        [[nodiscard]] bool at_end() const noexcept { return of_->ended_; }

        typed_range* of_ = nullptr;
    };

    explicit typed_range(const typed_bytes& from) : cursor_(from) {}
    [[nodiscard]] iterator begin() {
        advance();
        return iterator(*this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    void advance() {
        std::string_view record;
        ended_ = !cursor_.next(record);
        if (ended_) return;
        try {
            reader_.read(record);
        } catch (const decode_error& why) {
            cursor_.refuse(why.what());
        }
    }

    typed_cursor cursor_;
    Reader reader_{};
    bool ended_ = false;
};

template <class T>
struct value_reader {
    using value_type = T;
    T value{};

    // Into what the last record left, so that its memory is used again.
    void read(std::string_view record) { decode_into(record, value); }
};

/// Text is not copied.
template <>
struct value_reader<std::string> {
    using value_type = std::string_view;
    std::string_view value{};

    void read(std::string_view record) {
        length_cursor text(record);
        if (!text.next(value) || !text.at_end()) throw decode_error("a text does not end where its record does");
    }
};

/// A key and a value. A key of text is a view.
template <class K, class V>
struct pair_reader {
    using key_type = std::conditional_t<std::same_as<K, std::string>, std::string_view, K>;
    using value_type = std::pair<key_type, V>;
    value_type value{};

    void read(std::string_view record) {
        codec::input_archive archive(read_key(record));
        if constexpr (!std::same_as<K, std::string>) archive(value.first);
        archive(value.second);
        archive.expect_end();
    }

  private:
    // Returns what is left to decode.
    std::string_view read_key(std::string_view record) {
        if constexpr (std::same_as<K, std::string>) {
            length_cursor key(record);
            if (!key.next(value.first)) throw decode_error("a key has no end");
            return record.substr(key.position());
        } else {
            return record;
        }
    }
};

}  // namespace detail

/// Records of type T. Of typed_files(), they are in the mapped file itself; of values(), they came with the assignment.
///
///     void read_visits(const sheaf::typed_split<visit>& in, sheaf::emitter<std::string, std::uint64_t>& out) {
///         for (const visit& one : in.records()) out.emit(one.page, one.seconds);
///     }
template <class T>
class typed_split {
  public:
    using range = detail::typed_range<detail::value_reader<T>>;

    explicit typed_split(const detail::typed_bytes& from) noexcept : from_(from) {}

    /// The records, as a range for one pass: const T&, which is good until the next one; of texts std::string_view, which is good as
    /// long as the mapper's call.
    [[nodiscard]] range records() const { return range(from_); }
    /// The file's path, absolute, or its address; empty of values().
    [[nodiscard]] const std::string& path() const noexcept { return *from_.path; }

  private:
    detail::typed_bytes from_;
};

/// Keys and values that another run has left, with .output = sheaf::typed_parts(...) or kept(). Keys of text are views, good as long
/// as the mapper's call.
///
///     void pass_on(const sheaf::pair_split<std::string, double>& in, sheaf::emitter<std::string, double>& out) {
///         for (const auto& [page, rank] : in.records()) out.emit(page, rank / 2);
///     }
template <class K, class V>
class pair_split {
  public:
    using range = detail::typed_range<detail::pair_reader<K, V>>;

    explicit pair_split(const detail::typed_bytes& from) noexcept : from_(from) {}

    /// std::pair<K, V>, or std::pair<std::string_view, V>, as a range for one pass; each is good until the next one.
    [[nodiscard]] range records() const { return range(from_); }
    /// The file's path, absolute, or its address.
    [[nodiscard]] const std::string& path() const noexcept { return *from_.path; }

  private:
    detail::typed_bytes from_;
};

namespace detail {

/// Of typed_split and pair_split: splits of encoded records of type T.
template <class Split, class T>
struct typed_access {
    static constexpr std::string_view reads = "typed_files(), values() or a dataset";

    static std::string schema() { return type_schema<T>(); }
    static bool fits(const input_format& format) {
        if (format.records != record_format::typed && format.records != record_format::values) return false;
        return format.schema.empty() || format.schema == type_schema<T>();
    }
    static Split make(const split_source& from) noexcept {
        return Split(typed_bytes{from.bytes, &from.piece.path, from.offset});
    }
    template <class F>
    static void each_record(const split_source& from, F&& f) {
        typed_cursor cursor({from.bytes, &from.piece.path, from.offset});
        for (std::string_view record; cursor.next(record);) {
            const std::size_t size = cursor.end() - cursor.begin();
            const std::uint64_t offset = from.offset + cursor.begin();
            const Split one(typed_bytes{from.bytes.substr(cursor.begin(), size), &from.piece.path, offset});
            if (!f(one, offset, std::uint64_t{size})) return;
        }
    }
};

template <class T>
struct split_access<typed_split<T>> : typed_access<typed_split<T>, T> {};
template <class K, class V>
struct split_access<pair_split<K, V>> : typed_access<pair_split<K, V>, std::pair<K, V>> {};

}  // namespace detail

/// Files of records that Sheaf has written: the output of another run with .output = sheaf::typed_parts(...), whose records are
/// std::pair<K, V>; or of a typed_file_writer. The mapper takes a typed_split<T>, or of pairs a pair_split<K, V>. A file with other
/// records is an error that shows both types.
template <class T>
[[nodiscard]] input typed_files(std::vector<std::string> paths) {
    detail::input_spec spec;
    spec.format.records = detail::record_format::typed;
    spec.format.schema = detail::type_schema<T>();
    spec.format.packing = compression::none;
    spec.paths = std::move(paths);
    return input(std::move(spec));
}

/// The elements of a container, or of any other range. They are encoded at once, and travel to the workers in assignments of a
/// mebibyte at most (more when a single one is larger): for thousands of them, not for gigabytes. The mapper takes a typed_split of
/// what the range has.
template <class Range>
[[nodiscard]] input values(const Range& all) {
    using element = std::remove_cvref_t<decltype(*std::begin(all))>;
    using T = std::conditional_t<std::convertible_to<element, std::string_view>, std::string, element>;
    detail::input_spec spec;
    spec.format.records = detail::record_format::values;
    spec.format.schema = detail::type_schema<T>();
    std::string encoded;
    for (const auto& one : all) {
        encoded.clear();
        encode_to(encoded, static_cast<const T&>(T(one)));
        detail::append_length(spec.values, encoded.size());
        spec.values += encoded;
    }
    return input(std::move(spec));
}

}  // namespace sheaf
