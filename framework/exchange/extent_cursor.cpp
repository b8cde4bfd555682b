#include <algorithm>
#include <array>
#include <utility>
#include <xxhash.h>

#include "exchange/segment_format.hpp"
#include <sheaf/detail/record.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

extent_cursor::extent_cursor(std::shared_ptr<const segment_file> from, const segment_extent& extent)
    : from_(std::move(from)), extent_(extent), place_(extent.offset), left_(extent.records) {}

void extent_cursor::malformed(const std::string& what) const {
    throw_damaged(from_->path(), what + " (block that ends at byte " + std::to_string(place_) + ")");
}

bool extent_cursor::next() {
    if (at_ == end_) [[unlikely]] {
        if (left_ == 0) {
            if (place_ != extent_.offset + extent_.length) malformed("bytes follow an extent's last record");
            return false;
        }
        load_block();
    }
    if (!read_record(at_, end_, from_->framing(), record_)) malformed("a record is cut off");
    if (left_ == 0) malformed("there are more records than the index says");
    --left_;
    at_ += record_.whole.size();
    return true;
}

void extent_cursor::load_block() {
    const std::uint64_t left = extent_.offset + extent_.length - place_;
    std::array<char, segment_block_header_bytes> header{};
    if (left <= header.size()) malformed("an extent ends before its last record");
    if (from_->read_at(place_, header) != header.size()) malformed("it is cut short");
    const auto length = load_little_endian<std::uint32_t>(header.data());
    // Bounded by the file's real size, which the index has been checked against.
    if (load_little_endian<std::uint32_t>(header.data() + 4) != 0) malformed("a block's header is wrong");
    if (length == 0 || length > left - header.size()) malformed("a block has an impossible length");
    if (block_.size() < length)
        block_.resize(std::max<std::size_t>(length, std::min<std::uint64_t>(segment_block_bytes, left)));
    if (from_->read_at(place_ + header.size(), {block_.data(), length}) != length) malformed("it is cut short");
    if (load_little_endian<std::uint64_t>(header.data() + 8) != XXH3_64bits_withSeed(block_.data(), length, place_)) {
        malformed("a block's checksum is wrong");
    }
    place_ += header.size() + length;
    at_ = block_.data();
    end_ = at_ + length;
}

}  // namespace sheaf::detail
