// What a mapper of text is called with: whole lines of one file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

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

/// Whole lines of one input file. The text is the mapped file itself: views into it live as long as the mapper's call.
class text_split {
  public:
    /// `text` is what `path` holds from `offset` on.
    text_split(std::string_view text, const std::string& path, std::uint64_t offset) noexcept
        : text_(text), path_(&path), offset_(offset) {}

    /// All of it, newlines and all. Empty when no line begins in this part of the file.
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    /// Its lines, without their newlines.
    [[nodiscard]] line_range lines() const noexcept { return line_range(text_); }
    /// The file's path, as the run was given it.
    [[nodiscard]] const std::string& path() const noexcept { return *path_; }
    /// Where in the file text() begins, in bytes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    std::string_view text_;
    const std::string* path_;
    std::uint64_t offset_;
};

}  // namespace sheaf
