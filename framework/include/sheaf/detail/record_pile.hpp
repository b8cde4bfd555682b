// Records in memory, sorted where they are. Not for users.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <sheaf/detail/page_block.hpp>
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/sort_items.hpp>

namespace sheaf::detail {

class record_pile {
  public:
    explicit record_pile(value_framing framing) : framing_(framing) {}

    [[nodiscard]] std::size_t size() const noexcept { return items_count_; }
    /// What it holds, in bytes.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return used_ + items_count_ * sizeof(sort_item); }
    /// What it would hold with a block of so many bytes more, which may have so many records.
    [[nodiscard]] std::uint64_t bytes_with(std::size_t block, std::uint64_t records) const noexcept {
        return bytes() + block + records * sizeof(sort_item);
    }
    /// Takes the next block of `from`, which has one. Returns the number of its records. Throws bad_segment.
    std::uint64_t add_block(extent_blocks& from);
    void sort();
    /// Writes all records as one sorted extent of partition 0.
    void write_run(segment_writer& to) const;
    /// Forgets all, and keeps the memory.
    void clear() noexcept;

    /// The i-th record.
    void read(std::size_t i, record_view& into) const noexcept;
    /// Says that the i-th record will be read soon.
    void prefetch(std::size_t i) const noexcept {
        const char* const at = arena_.data() + items()[std::min(i, items_count_ - 1)].offset();
        __builtin_prefetch(at);
        __builtin_prefetch(at + 64);
    }
    /// The file that it came from.
    [[nodiscard]] const std::string& path_of(std::size_t i) const noexcept;

  private:
    struct origin {
        std::size_t begin;  ///< where its records begin in the arena
        std::string path;
    };

    [[nodiscard]] sort_item* items() const noexcept { return reinterpret_cast<sort_item*>(items_.data()); }

    value_framing framing_;
    page_block arena_;
    std::size_t used_ = 0;
    page_block items_;
    std::size_t items_count_ = 0;
    std::vector<origin> origins_;
};

}  // namespace sheaf::detail
