// Putting records and whole tables into segment files. Not for users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sheaf/detail/combine_table.hpp>
#include <sheaf/detail/record.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/value_codec.hpp>

namespace sheaf::detail {

template <class V>
[[nodiscard]] constexpr value_framing framing_of() noexcept {
    return varint_value<V> ? value_framing::varint : value_framing::sized;
}

/// A value's bytes as they follow its key in a record. `scratch` is for types that have to be encoded first.
template <class V, value_framing Framing = framing_of<V>()>
class value_bytes {
  public:
    value_bytes(const value_argument<V>& value, std::string& scratch) {
        if constexpr (Framing == value_framing::varint) {
            number_ = to_varint(value);
            return;
        } else if constexpr (std::is_same_v<V, std::string>) {
            bytes_ = value;
        } else if constexpr (varint_value<V>) {
            scratch.resize(varint_bytes_max);
            bytes_ = {scratch.data(), write_varint(scratch.data(), to_varint(value))};
        } else {
            scratch.clear();
            value_codec<V>::append(scratch, value);
            bytes_ = scratch;
        }
        number_ = bytes_.size();
    }
    [[nodiscard]] std::size_t size_max() const noexcept { return varint_bytes_max + bytes_.size(); }
    char* write(char* to) const noexcept {
        to = write_varint(to, number_);
        if constexpr (Framing == value_framing::sized) {
            std::memcpy(to, bytes_.data(), bytes_.size());
            to += bytes_.size();
        }
        return to;
    }

  private:
    std::uint64_t number_ = 0;
    std::string_view bytes_;
};

/// Writes varint(length) and the key. Needs 16 bytes more than the key has.
inline char* write_key(char* to, std::string_view key) noexcept {
    to = write_varint(to, key.size());
    std::memcpy(to, key.data(), key.size());
    return to + key.size();
}
inline char* write_key(char* to, const short_key& key) noexcept {
    *to++ = static_cast<char>(key.size());
    key.store(to);
    return to + key.size();
}

/// Appends entry `i` of `table` to the extent that `writer` is in.
template <class Fold>
void write_entry(segment_writer& writer, combine_table<Fold>& table, std::size_t i, std::string& scratch) {
    const value_bytes<typename Fold::state> value(table.state_at(i), scratch);
    if (!table.is_long_at(i)) [[likely]] {
        char* const to = writer.reserve(1 + 16 + value.size_max());
        writer.commit(value.write(write_key(to, table.packed_at(i))));
    } else {
        char none[1];
        const std::string_view key = table.key_at(i, none);
        char* const to = writer.reserve(varint_bytes_max + key.size() + value.size_max());
        writer.commit(value.write(write_key(to, key)));
    }
}

/// The partition of entry `i` of `table`.
template <class Fold, class Partitioner>
[[nodiscard]] std::uint32_t partition_at(const combine_table<Fold>& table, std::size_t i, const Partitioner& choose) {
    if constexpr (Partitioner::by_hash) {
        return choose.of_hash(table.hash_at(i));
    } else {
        char scratch[16];
        return choose.of(table.key_at(i, scratch));
    }
}

/// The numbers of a table's entries, partition after partition.
class partitioned_order {
  public:
    template <class Fold, class Partitioner>
    partitioned_order(const combine_table<Fold>& table, const Partitioner& choose) : ends_(choose.partitions()) {
        numbers_.resize(table.size());
        for (std::size_t i = 0; i < table.size(); ++i) ++ends_[partition_at(table, i, choose)];
        std::size_t begin = 0;
        for (std::size_t& end : ends_) begin += std::exchange(end, begin);
        // Each end starts as its partition's begin, and moves as the partition fills.
        for (std::size_t i = 0; i < table.size(); ++i) {
            numbers_[ends_[partition_at(table, i, choose)]++] = static_cast<std::uint32_t>(i);
        }
    }
    [[nodiscard]] std::span<std::uint32_t> of(std::uint32_t partition) noexcept {
        const std::size_t begin = partition == 0 ? 0 : ends_[partition - 1];
        return std::span(numbers_).subspan(begin, ends_[partition] - begin);
    }

  private:
    std::vector<std::size_t> ends_;
    std::vector<std::uint32_t> numbers_;
};

/// Sorts numbers of entries by their keys' bytes.
template <class Fold>
void sort_by_key(const combine_table<Fold>& table, std::span<std::uint32_t> numbers) {
    struct item {
        std::uint64_t prefix;
        std::uint32_t number;
    };
    std::vector<item> items;
    items.reserve(numbers.size());
    for (const std::uint32_t number : numbers) items.push_back({table.prefix_at(number), number});
    std::sort(items.begin(), items.end(), [&table](const item& a, const item& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : table.less(a.number, b.number);
    });
    std::transform(items.begin(), items.end(), numbers.begin(), [](const item& one) { return one.number; });
}

/// What writing a table out takes for each key, in bytes.
[[nodiscard]] constexpr std::size_t order_bytes_per_key(std::uint32_t partitions, bool sorted) noexcept {
    return 4 + (sorted ? 16 / std::min<std::size_t>(partitions, 16) : 0);
}

/// Writes all of `table` as one extent for each partition that has something.
template <class Fold, class Partitioner>
void write_table(segment_writer& writer, combine_table<Fold>& table, const Partitioner& choose, bool sorted) {
    partitioned_order order(table, choose);
    std::string scratch;
    for (std::uint32_t partition = 0; partition < choose.partitions(); ++partition) {
        const std::span<std::uint32_t> numbers = order.of(partition);
        if (numbers.empty()) continue;
        if (sorted) sort_by_key(table, numbers);
        writer.begin_extent(partition, sorted);
        constexpr std::size_t ahead = 16;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (i + ahead < numbers.size()) table.prefetch(numbers[i + ahead]);
            write_entry(writer, table, numbers[i], scratch);
        }
        writer.end_extent();
    }
}

}  // namespace sheaf::detail
