// The values of one key as a reducer gets them. Named by users only through auto or a template parameter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/detail/record.hpp>
#include <sheaf/detail/record_merge.hpp>

namespace sheaf::detail {

/// A record's value. Throws bad_segment naming `path` when its bytes are no V.
template <class V>
[[nodiscard]] V read_value(const record_view& record, const std::string& path) {
    try {
        if constexpr (varint_value<V>) {
            return from_varint<V>(record.number);
        } else {
            return bytes_codec<V>::read(record.value);
        }
    } catch (const malformed_record& why) {
        throw_damaged(path, why.what());
    }
}

/// The values of the records that have one key, read as they are asked for. An input range: it can be walked once.
template <class V>
class value_range {
  public:
    /// `merge` is at the first record of the key.
    explicit value_range(record_merge& merge) : merge_(&merge), key_(merge.record().key) {}
    value_range(const value_range&) = delete;
    value_range& operator=(const value_range&) = delete;
    ~value_range() = default;

    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = V;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(value_range& of) : of_(&of) {}

        [[nodiscard]] V operator*() const { return read_value<V>(of_->merge_->record(), of_->merge_->path()); }
        iterator& operator++() {
            of_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        [[nodiscard]] bool at_end() const noexcept { return of_ == nullptr || !of_->more_; }
        friend bool operator==(const iterator& a, std::default_sentinel_t) { return a.at_end(); }

      private:
        value_range* of_ = nullptr;
    };

    [[nodiscard]] iterator begin() { return iterator(*this); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

    /// For the attempt: the key's bytes, and going past the values that the reducer left. Returns whether there is
    /// another key.
    [[nodiscard]] const std::string& key() const noexcept { return key_; }
    [[nodiscard]] bool skip_rest() {
        while (more_) advance();
        return another_;
    }
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

  private:
    void advance() {
        another_ = merge_->next();
        more_ = another_ && merge_->record().key == key_;
        if (more_) ++records_;
    }

    record_merge* merge_;
    std::string key_;
    bool more_ = true;
    bool another_ = true;
    std::uint64_t records_ = 1;
};

}  // namespace sheaf::detail
