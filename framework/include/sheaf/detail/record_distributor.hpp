// Records of a map attempt that go to reducers as they are: laid out by partition while they come, in no other order. Not for users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <sheaf/detail/page_block.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

/// How large the blocks are with so many partitions: about half of the budget is theirs, or all of it where they would be small.
[[nodiscard]] std::size_t block_bytes_for(std::uint32_t partitions, std::uint64_t memory_budget) noexcept;

/// Holds one block for each partition and writes it, an unsorted extent, when it is full. Nothing is sorted here and nothing is moved
/// twice: the reduce attempt has all of a partition before it and sorts once.
class record_distributor {
  public:
    /// Takes no more than `memory_budget`, unless that is less than 256 bytes for each partition.
    record_distributor(segment_writer& to, std::uint32_t partitions, std::uint64_t memory_budget);

    /// Room for a record of up to `bytes`, to be filled and committed. Throws unit_refused when no record may be so long.
    [[nodiscard]] char* reserve(std::uint32_t partition, std::size_t bytes) {
        const open_block& one = blocks_[partition];
        if (static_cast<std::size_t>(one.end - one.at) < bytes) [[unlikely]]
            return make_room(partition, bytes);
        return one.at;
    }
    /// The record of `partition` that ends at `end`, and began where reserve() said, is complete.
    void commit(std::uint32_t partition, char* end) {
        open_block& one = blocks_[partition];
        one.at = end;
        ++one.records;
    }
    /// Writes what is left.
    void finish();

  private:
    struct open_block {
        char* begin;  ///< room for the block's header is before it
        char* at;
        char* end;
        std::uint64_t records = 0;
    };

    char* make_room(std::uint32_t partition, std::size_t bytes);
    void flush(std::uint32_t partition);

    segment_writer& to_;
    std::size_t block_bytes_;
    page_block memory_;
    page_block
        large_;  ///< for a record that is larger than a block; its partition's block points here until it is written
    std::vector<open_block> blocks_;
};

}  // namespace sheaf::detail
