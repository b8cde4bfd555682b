#include <algorithm>

#include <sheaf/detail/record_distributor.hpp>

namespace sheaf::detail {

namespace {

// All blocks together stay in the processor's cache until they are written; larger writes gain nothing.
constexpr std::uint64_t block_bytes_max = std::uint64_t{256} << 10;
// Smaller ones take more of the budget, so as to be written less often.
constexpr std::uint64_t block_bytes_good = std::uint64_t{8} << 10;
constexpr std::uint64_t block_bytes_min = 256;

}  // namespace

std::size_t block_bytes_for(std::uint32_t partitions, std::uint64_t memory_budget) noexcept {
    const std::uint64_t share = memory_budget / partitions;
    if (share / 2 >= block_bytes_good) return std::min(share / 2 / 4096 * 4096, block_bytes_max);
    return std::clamp(share / 64 * 64, block_bytes_min, block_bytes_good);
}

record_distributor::record_distributor(segment_writer& to, std::uint32_t partitions, std::uint64_t memory_budget)
    : to_(to), block_bytes_(block_bytes_for(partitions, memory_budget)), memory_(partitions * block_bytes_) {
    blocks_.reserve(partitions);
    for (std::uint32_t i = 0; i < partitions; ++i) {
        char* const block = memory_.data() + i * block_bytes_;
        char* const begin = block + segment_block_header_bytes;
        blocks_.push_back({begin, begin, block + block_bytes_});
    }
}

char* record_distributor::make_room(std::uint32_t partition, std::size_t bytes) {
    flush(partition);
    open_block& one = blocks_[partition];
    if (bytes <= static_cast<std::size_t>(one.end - one.begin)) return one.at;
    if (bytes > segment_record_bytes_max) throw_too_large(bytes);
    // Only one partition at a time has a large record: another one's is written first.
    for (std::uint32_t i = 0; i < blocks_.size(); ++i) {
        if (large_.size() != 0 && blocks_[i].begin == large_.data() + segment_block_header_bytes) flush(i);
    }
    if (large_.size() < segment_block_header_bytes + bytes) {
        large_.release();
        large_ = page_block(segment_block_header_bytes + bytes);
    }
    one.begin = one.at = large_.data() + segment_block_header_bytes;
    one.end = one.begin + bytes;
    return one.at;
}

void record_distributor::flush(std::uint32_t partition) {
    open_block& one = blocks_[partition];
    if (one.records != 0) {
        char* const block = one.begin - segment_block_header_bytes;
        to_.write_extent(partition, {block, static_cast<std::size_t>(one.at - block)}, one.records);
    }
    char* const block = memory_.data() + partition * block_bytes_;
    one.begin = one.at = block + segment_block_header_bytes;
    one.end = block + block_bytes_;
    one.records = 0;
}

void record_distributor::finish() {
    for (std::uint32_t i = 0; i < blocks_.size(); ++i) flush(i);
    memory_.release();
    large_.release();
}

}  // namespace sheaf::detail
