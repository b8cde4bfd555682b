#include <cstring>
#include <utility>
#include <xxhash.h>

#include "base/assert.hpp"
#include "exchange/block_packing.hpp"
#include "exchange/segment_format.hpp"
#include <sheaf/detail/segment.hpp>
#include <sheaf/detail/stable_hash.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

using namespace segment_format;

void throw_too_large(std::size_t bytes) {
    throw unit_refused("a key and its value take " + std::to_string(bytes) +
                       " bytes, which is more than the 1 GiB that one record may have. Emit smaller values.");
}

segment_writer::segment_writer(std::string directory, std::string name, std::uint32_t partitions, value_framing framing,
                               bool pack)
    : file_(std::move(directory), std::move(name)),
      partitions_(partitions),
      block_(segment_block_bytes + segment_block_bytes / 4),
      packer_(pack ? std::make_unique<block_packer>() : nullptr) {
    std::string header;
    header += magic;
    append_u32(header, version);
    append_u32(header, partitions);
    append_u32(header, static_cast<std::uint32_t>(framing));
    append_u32(header, 0);
    append_u64(header, XXH3_64bits(header.data(), header.size()));
    file_.write(header);
    written_ = header.size();
}

segment_writer::~segment_writer() = default;

void segment_writer::begin_extent(std::uint32_t partition, bool sorted) {
    SHEAF_ASSERT(partition < partitions_, "extents belong to one of the file's partitions");
    extent_ = {.partition = partition, .sorted = sorted, .offset = written_, .length = 0, .records = 0};
}

void segment_writer::end_extent() {
    if (used_ > segment_block_header_bytes) flush_block();
    if (extent_.records != 0) close_extent();
}

void segment_writer::write_extent(std::uint32_t partition, std::span<char> block, std::uint64_t records) {
    begin_extent(partition, false);
    extent_.records = records;
    write_block(block);
    close_extent();
}

void segment_writer::close_extent() {
    extent_.length = written_ - extent_.offset;
    records_ += extent_.records;
    index_.push_back(extent_);
}

void segment_writer::copy(std::string_view record) {
    char* const to = reserve(record.size());
    std::memcpy(to, record.data(), record.size());
    commit(to + record.size());
}

void segment_writer::make_room(std::size_t bytes) {
    if (bytes > segment_record_bytes_max) throw_too_large(bytes);
    if (used_ > segment_block_header_bytes) flush_block();
    if (block_.size() < segment_block_header_bytes + bytes) block_.resize(segment_block_header_bytes + bytes);
}

void segment_writer::flush_block() {
    write_block({block_.data(), used_});
    used_ = segment_block_header_bytes;
}

void segment_writer::write_block(std::span<char> block) {
    std::uint32_t unpacked = 0;
    if (packer_) {
        const std::span<char> records = block.subspan(segment_block_header_bytes);
        const std::span<char> packed = packer_->pack({records.data(), records.size()}, segment_block_header_bytes);
        if (!packed.empty()) {
            unpacked = static_cast<std::uint32_t>(records.size());
            block = packed;
        }
    }
    const std::span<char> content = block.subspan(segment_block_header_bytes);
    char* const header = block.data();
    const std::uint64_t checksum = XXH3_64bits_withSeed(content.data(), content.size(), block_seed(written_, unpacked));
    store_little_endian(header, static_cast<std::uint32_t>(content.size()));
    store_little_endian(header + 4, unpacked);
    store_little_endian(header + 8, checksum);
    checksum_ = fold(checksum_ ^ checksum, hash_key_low);
    file_.write({block.data(), block.size()});
    written_ += block.size();
}

void segment_writer::write_index() {
    std::string text;
    text.reserve(index_.size() * segment_index_entry_bytes + segment_trailer_bytes);
    for (const segment_extent& one : index_) {
        append_u32(text, one.partition);
        append_u32(text, one.sorted ? flag_sorted : 0);
        append_u64(text, one.offset);
        append_u64(text, one.length);
        append_u64(text, one.records);
    }
    const std::uint64_t checksum = XXH3_64bits_withSeed(text.data(), text.size(), written_ ^ index_.size());
    checksum_ = fold(checksum_ ^ checksum, hash_key_low);
    append_u64(text, written_);
    append_u64(text, index_.size());
    append_u64(text, checksum);
    text += end_magic;
    file_.write(text);
    written_ += text.size();
}

std::string segment_writer::commit_file() {
    write_index();
    return file_.commit();
}

std::string segment_writer::seal() {
    write_index();
    return file_.seal();
}

}  // namespace sheaf::detail
