// What a mapper of text is called with: whole lines of one file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/words.hpp>

namespace sheaf {

/// The lines of a text, without their newlines, in order. A last line may lack its newline; a text that ends with one has no
/// empty line after it. Views into the text; nothing is allocated.
class line_range {
  public:
    class iterator {
      public:
        using iterator_concept = std::forward_iterator_tag;
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        iterator(const char* at, const char* end) noexcept : at_(at), end_(end) { find_end(); }

        [[nodiscard]] std::string_view operator*() const noexcept {
            return {at_, static_cast<std::size_t>(newline_ - at_)};
        }
        iterator& operator++() noexcept {
            at_ = newline_ == end_ ? end_ : newline_ + 1;
            find_end();
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) noexcept { return a.at_ == b.at_; }

      private:
        void find_end() noexcept {
            if (at_ == end_) return;
            const void* const found = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
            newline_ = found != nullptr ? static_cast<const char*>(found) : end_;
        }

        const char* at_ = nullptr;
        const char* newline_ = nullptr;
        const char* end_ = nullptr;
    };

    explicit line_range(std::string_view text) noexcept : text_(text) {}
    [[nodiscard]] iterator begin() const noexcept { return {text_.data(), text_.data() + text_.size()}; }
    [[nodiscard]] iterator end() const noexcept { return {text_.data() + text_.size(), text_.data() + text_.size()}; }

  private:
    std::string_view text_;
};

/// Whole lines of one input file; of word_files(), whole words. The text is the mapped file itself, where that is plain: views into it
/// live as long as the mapper's call.
class text_split {
  public:
    /// `text` is what `path` holds from `offset` on.
    text_split(std::string_view text, const std::string& path, std::uint64_t offset) noexcept
        : text_(text), path_(&path), offset_(offset) {}

    /// All of it, newlines and all. Empty when no line begins in this part of the file.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// Its lines, without their newlines.
    [[nodiscard]] line_range lines() const noexcept { return line_range(text_); }
    /// The same, for code that is for any kind of split.
    [[nodiscard]] line_range records() const noexcept { return lines(); }
    /// The file's path, absolute, or its address.
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }
    /// Where in the file text() begins, in bytes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    std::string_view text_;
    const std::string* path_;
    std::uint64_t offset_;
};

namespace detail {

template <>
struct split_access<text_split> {
    static constexpr std::string_view reads = "text_files() or word_files()";

    static bool fits(const input_format& format) noexcept {
        return format.records == record_format::lines || format.records == record_format::words;
    }
    static text_split make(const split_source& from) noexcept { return {from.bytes, from.piece.path, from.offset}; }

    template <class F>
    static void each_record(const split_source& from, F&& f) {
        const auto give = [&](std::string_view record) {
            const auto offset = from.offset + static_cast<std::uint64_t>(record.data() - from.bytes.data());
            return f(text_split(record, from.piece.path, offset), offset, record.size());
        };
        if (from.format.records == record_format::words) {
            bool more = true;
            for_each_word(from.bytes, [&](std::string_view word) { more = more && give(word); });
            return;
        }
        for (const std::string_view line : line_range(from.bytes)) {
            // With its newline, as it is in the file.
            const char* const end = from.bytes.data() + from.bytes.size();
            const std::size_t size = line.size() + (line.data() + line.size() != end ? 1 : 0);
            if (!give({line.data(), size})) return;
        }
    }
};

}  // namespace detail
}  // namespace sheaf
