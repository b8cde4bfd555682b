// The values of one key as a reducer gets them. Named by users only through auto or a template parameter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheaf/detail/record.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/sorted_records.hpp>
#include <sheaf/detail/value_codec.hpp>
#include <sheaf/detail/write_record.hpp>

namespace sheaf::detail {

/// Reads a record's value into `value`. Throws malformed_record when its bytes are no V.
template <class V, value_framing Framing = framing_of<V>()>
void decode_record_value(const record_view& record, V& value) {
    if constexpr (Framing == value_framing::varint) {
        value = from_varint<V>(record.number);
    } else if constexpr (varint_value<V>) {
        std::uint64_t number = 0;
        const char* const end = record.value.data() + record.value.size();
        if (read_varint(record.value.data(), end, number) != end) throw malformed_record("a number has the wrong size");
        value = from_varint<V>(number);
    } else {
        value_codec<V>::read(record.value, value);
    }
}

/// A record's value as it may be passed on. Throws bad_segment naming `path` when its bytes are no V.
template <class V>
[[nodiscard]] value_argument<V> read_value(const record_view& record, const std::string& path) {
    if constexpr (std::is_same_v<V, std::string>) {
        return record.value;
    } else {
        try {
            V value{};
            decode_record_value(record, value);
            return value;
        } catch (const malformed_record& why) {
            throw_damaged(path, why.what());
        }
    }
}

/// The values of the records that have one key, read as they are asked for. An input range: it can be walked once. A reference that an
/// iterator gave is valid until the next is asked for.
template <class V, value_framing Framing = framing_of<V>()>
class value_range {
  public:
    /// To be followed by begin_group(). `between` is called between values of a key now and then, for keys that have millions.
    explicit value_range(sorted_records& records, std::function<void()> between = {})
        : records_(&records), between_(std::move(between)) {}
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

        /// Numbers by value, others by reference.
        [[nodiscard]] std::conditional_t<std::is_arithmetic_v<V>, V, const V&> operator*() const {
            return of_->value();
        }
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

    /// For the attempt: the range is that of the key whose first record `records` is at. `key`: the bytes of it that count;
    /// when `exact`, all of them do, else more may follow, by which values are ordered.
    void begin_group(std::string_view key, bool exact) {
        exact_ = exact;
        key_ = key;
        // The bytes of a record that is on disk go with it.
        if (records_->pile() == nullptr) key_ = copied_key_.assign(key);
        more_ = another_ = true;
        ++count_;
    }
    /// There are no values of the key here. `another`: whether `records` is at one of another key.
    void begin_empty(bool another) noexcept {
        more_ = false;
        another_ = another;
    }
    [[nodiscard]] std::string_view key() const noexcept { return key_; }
    /// Goes past the values that the reducer left. Returns whether there is another key.
    [[nodiscard]] bool skip_rest() {
        while (more_) advance();
        return another_;
    }
    /// Of all groups.
    [[nodiscard]] std::uint64_t records() const noexcept { return count_; }

  private:
    [[nodiscard]] const V& value() {
        try {
            decode_record_value<V, Framing>(records_->record(), value_);
            return value_;
        } catch (const malformed_record& why) {
            throw_damaged(records_->path(), why.what());
        }
    }
    void advance() {
        another_ = records_->next();
        more_ = another_ && is_of_group(records_->record().key);
        if (more_ && ++count_ % 1024 == 0 && between_) [[unlikely]]
            between_();
    }
    [[nodiscard]] bool is_of_group(std::string_view key) const noexcept {
        return exact_ ? key == key_ : key.starts_with(key_);
    }

    sorted_records* records_;
    std::function<void()> between_;
    std::string_view key_;
    std::string copied_key_;
    V value_{};
    bool exact_ = true;
    bool more_ = false;
    bool another_ = false;
    std::uint64_t count_ = 0;
};

}  // namespace sheaf::detail
