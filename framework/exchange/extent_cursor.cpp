#include <algorithm>
#include <array>
#include <utility>

#include <sheaf/detail/record.hpp>
#include <sheaf/detail/segment.hpp>

namespace sheaf::detail {

extent_cursor::extent_cursor(std::shared_ptr<const segment_file> from, const segment_extent& extent)
    : blocks_(std::move(from), extent), left_(extent.records) {}

bool extent_cursor::next() {
    if (at_ == end_) [[unlikely]] {
        if (left_ == 0) {
            if (blocks_.next_size() != 0) blocks_.malformed("bytes follow an extent's last record");
            return false;
        }
        load_block();
    }
    if (!read_record(at_, end_, blocks_.file().framing(), record_)) blocks_.malformed("a record is cut off");
    if (left_ == 0) blocks_.malformed("there are more records than the index says");
    --left_;
    at_ += record_.whole.size();
    return true;
}

void extent_cursor::load_block() {
    const std::size_t length = blocks_.next_size();
    if (length == 0) blocks_.malformed("an extent ends before its last record");
    const std::size_t room = length + extent_blocks::read_slack;
    if (block_.size() < room) {
        const std::uint64_t usual = std::min<std::uint64_t>(segment_block_bytes, blocks_.extent().length);
        block_.resize(std::max<std::size_t>(room, usual + extent_blocks::read_slack));
    }
    blocks_.read(block_.data());
    at_ = block_.data();
    end_ = at_ + length;
}

}  // namespace sheaf::detail
