// Records of a map attempt without a combiner, until they are written: encoded, in the order they came. Not for users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <sheaf/detail/page_block.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

/// The first 8 bytes of `key`, padded with zeros, as a number that compares as they do.
[[nodiscard]] std::uint64_t key_prefix(std::string_view key) noexcept;

class record_buffer {
  public:
    record_buffer(std::uint32_t partitions, value_framing framing) : framing_(framing), partitions_(partitions) {}

    /// Room for a record of up to `bytes`; to be filled and committed. Moves what was reserved or viewed before.
    [[nodiscard]] char* reserve(std::size_t bytes) {
        if (bytes > arena_.size() - used_) [[unlikely]]
            grow_arena(bytes);
        return arena_.data() + used_;
    }
    /// The record that ends at `end`, and began where reserve() said, is complete. `prefix` is its key_prefix.
    void commit(std::uint32_t partition, std::uint64_t prefix, std::size_t key_size, const char* end) {
        partitions_[partition].append({prefix, std::uint64_t{std::min(key_size, long_key)} << offset_bits | used_});
        used_ = static_cast<std::size_t>(end - arena_.data());
        ++records_;
    }

    [[nodiscard]] std::size_t records() const noexcept { return records_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return used_ + records_ * sizeof(item); }

    /// Writes one extent for each partition that has records; `sorted`: by key, equal keys in the order they came.
    void write_to(segment_writer& writer, bool sorted);
    void clear() noexcept;

  private:
    static constexpr unsigned offset_bits = 60;
    static constexpr std::size_t long_key = 9;

    struct item {
        std::uint64_t prefix;
        // The record's offset in the arena, and above it the key's size, or long_key when it is more than the prefix. Of
        // equal prefixes that are whole keys, the shorter key is less, and equal keys keep their order: one comparison.
        std::uint64_t size_and_offset;

        [[nodiscard]] std::size_t offset() const noexcept {
            return size_and_offset & ((std::uint64_t{1} << offset_bits) - 1);
        }
        [[nodiscard]] bool has_long_key() const noexcept { return size_and_offset >> offset_bits == long_key; }
    };
    /// Like a vector, but never holds the items twice.
    class item_list {
      public:
        void append(const item& one) {
            if ((size_ + 1) * sizeof(item) > memory_.size()) [[unlikely]]
                memory_.grow((size_ + 1) * sizeof(item));
            begin()[size_++] = one;
        }
        [[nodiscard]] item* begin() const noexcept { return reinterpret_cast<item*>(memory_.data()); }
        [[nodiscard]] item* end() const noexcept { return begin() + size_; }
        void clear() noexcept { size_ = 0; }

      private:
        page_block memory_;
        std::size_t size_ = 0;
    };

    void grow_arena(std::size_t bytes);
    [[nodiscard]] record_view record_at(const item& one) const noexcept;
    void sort(item_list& items) const;

    value_framing framing_;
    page_block arena_;
    std::size_t used_ = 0;
    std::size_t records_ = 0;
    std::vector<item_list> partitions_;
};

}  // namespace sheaf::detail
