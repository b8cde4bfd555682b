#include "input/typed_piece.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <xxhash.h>

#include "input/local_file.hpp"
#include <sheaf/detail/record_lengths.hpp>
#include <sheaf/detail/typed_file.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

typed_piece::typed_piece(const input_piece& what, const input_format& how, std::unique_ptr<range_reader> from)
    : from_(std::move(from)),
      record_bytes_max_(how.record_bytes_max),
      local_(dynamic_cast<const local_file*>(from_.get())),
      index_(*from_, how.schema),
      begin_(std::clamp(what.offset, index_.begin(), index_.end())),
      end_(std::clamp(what.offset + std::min(what.length, what.file_size), begin_, index_.end())),
      next_block_(index_.block_with(begin_)) {
    if (begin_ == end_) {
        next_block_ = index_.blocks();
        return;
    }
    mapped_from_ = index_.at(next_block_).begin;
    // The last record may reach beyond the piece, but not beyond its block.
    const std::uint64_t last = index_.at(index_.block_with(end_ - 1)).end;
    from_->expect_reads(mapped_from_, last - mapped_from_);
    if (local_ == nullptr) return;
    try {
        mapped_ = mapped_file(local_->opened(), mapped_from_, last - mapped_from_);
    } catch (const std::system_error& why) {
        refuse_input(why);
    }
}

bool typed_piece::next(record_chunk& into) {
    while (next_block_ < index_.blocks()) {
        const typed_index::block block = index_.at(next_block_);
        if (block.begin >= end_) break;
        ++next_block_;
        const std::string_view bytes = load(block);
        const std::size_t first = record_at(block, bytes, begin_);
        const std::size_t last = record_at(block, bytes, end_);
        done_ = std::min(block.end, end_) - begin_;
        if (first == last) continue;
        into = {bytes.substr(first, last - first), block.begin + first};
        return true;
    }
    return false;
}

std::string_view typed_piece::load(const typed_index::block& block) {
    const auto size = static_cast<std::size_t>(block.end - block.begin);
    std::string_view bytes;
    if (local_ != nullptr) {
        bytes = mapped_.view().substr(static_cast<std::size_t>(block.begin - mapped_from_), size);
    } else {
        if (size > record_bytes_max_ + typed_block_bytes) {
            throw unit_refused(
                "'" + from_->name() + "' has a record of about " + std::to_string(size) + " bytes at byte " +
                std::to_string(block.begin) +
                ", which would have to be held in memory, since the file is not on the worker's host. Let "
                "workers see the file itself.");
        }
        buffer_.resize(size);
        bytes = {buffer_.data(), from_->read_at(block.begin, buffer_)};
    }
    if (bytes.size() != size || XXH3_64bits(bytes.data(), bytes.size()) != block.checksum) {
        check_unchanged();
        refuse(block);
    }
    return bytes;
}

std::size_t typed_piece::record_at(const typed_index::block& block, std::string_view bytes,
                                   std::uint64_t offset) const {
    if (offset <= block.begin) return 0;
    if (offset >= block.end) return bytes.size();
    length_cursor cursor(bytes);
    for (std::string_view record; block.begin + cursor.position() < offset;) {
        if (!cursor.next(record)) refuse(block);
    }
    return cursor.position();
}

void typed_piece::check_unchanged() {
    from_->check_unchanged();
    if (mapped_.torn()) refuse_torn(from_->name());
}

void typed_piece::refuse(const typed_index::block& block) const {
    throw unit_refused("'" + from_->name() + "' is damaged between its bytes " + std::to_string(block.begin) + " and " +
                       std::to_string(block.end) +
                       ": the records there are not those that were written. Make it again.");
}

}  // namespace sheaf::detail
