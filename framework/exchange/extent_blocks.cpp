#include <array>
#include <utility>
#include <xxhash.h>

#include "exchange/block_packing.hpp"
#include "exchange/segment_format.hpp"
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

extent_blocks::extent_blocks(std::shared_ptr<const segment_file> from, const segment_extent& extent)
    : from_(std::move(from)), extent_(extent), place_(extent.offset) {
    from_->expect(extent);
}

void extent_blocks::malformed(const std::string& what) const {
    throw_damaged(from_->path(), what + " (block that ends at byte " + std::to_string(place_) + ")");
}

std::size_t extent_blocks::next_size() {
    if (length_ == 0 && left() != 0) {
        std::array<char, segment_block_header_bytes> header{};
        if (left() <= header.size()) malformed("an extent ends before its last record");
        if (from_->read_at(place_, header) != header.size()) malformed("it is cut short");
        take_header(header.data());
    }
    return unpacked_ != 0 ? unpacked_ : length_;
}

void extent_blocks::take_header(const char* bytes) {
    const auto length = load_little_endian<std::uint32_t>(bytes);
    const auto unpacked = load_little_endian<std::uint32_t>(bytes + 4);
    // Bounded by the file's real size, which the index has been checked against.
    if (length == 0 || length > left() - segment_block_header_bytes) malformed("a block has an impossible length");
    if (unpacked != 0 && (unpacked <= length || unpacked / packing_ratio_max > length)) {
        malformed("a block claims to unpack to an impossible length");
    }
    checksum_ = load_little_endian<std::uint64_t>(bytes + 8);
    unpacked_ = unpacked;
    length_ = length;
}

void extent_blocks::read(char* to) {
    if (unpacked_ != 0) return read_packed(to);
    read_content(to);
}

// Reads what the file has of the next block to `to`, and the header of the one after it.
void extent_blocks::read_content(char* to) {
    const std::size_t length = std::exchange(length_, 0);
    const std::uint64_t seed = segment_format::block_seed(place_, std::exchange(unpacked_, 0));
    const std::uint64_t content = place_ + segment_block_header_bytes;
    // The next block's header comes along: one call for each block.
    const bool is_last = left() <= segment_block_header_bytes + length + segment_block_header_bytes;
    const std::size_t wanted = length + (is_last ? 0 : segment_block_header_bytes);
    if (from_->read_at(content, {to, wanted}) != wanted) malformed("it is cut short");
    if (checksum_ != XXH3_64bits_withSeed(to, length, seed)) malformed("a block's checksum is wrong");
    place_ = content + length;
    if (!is_last) take_header(to + length);
}

void extent_blocks::read_packed(char* to) {
    const std::size_t length = length_;
    const std::size_t unpacked = unpacked_;
    if (packed_.size() < length + read_slack) packed_.resize(length + read_slack);
    read_content(packed_.data());
    if (!unpack_block({packed_.data(), length}, {to, unpacked})) malformed("a block does not unpack to what it should");
}

}  // namespace sheaf::detail
