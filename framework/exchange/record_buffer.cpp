#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include <sheaf/detail/record.hpp>
#include <sheaf/detail/record_buffer.hpp>

namespace sheaf::detail {

std::uint64_t key_prefix(std::string_view key) noexcept {
    char bytes[8] = {};
    std::memcpy(bytes, key.data(), std::min<std::size_t>(key.size(), sizeof bytes));
    return __builtin_bswap64(load_little_endian<std::uint64_t>(bytes));
}

void record_buffer::grow_arena(std::size_t bytes) {
    if (bytes > segment_record_bytes_max) throw_too_large(bytes);
    arena_.grow(std::max<std::size_t>(used_ + bytes, segment_block_bytes));
}

record_view record_buffer::record_at(const item& one) const noexcept {
    record_view record;
    const bool whole = read_record(arena_.data() + one.offset(), arena_.data() + used_, framing_, record);
    SHEAF_ASSERT(whole, "buffered records are whole");
    return record;
}

void record_buffer::sort(item_list& items) const {
    std::sort(items.begin(), items.end(), [this](const item& a, const item& b) {
        if (a.prefix != b.prefix) return a.prefix < b.prefix;
        if (a.has_long_key() && b.has_long_key()) {
            const int order = record_at(a).key.compare(record_at(b).key);
            if (order != 0) return order < 0;
        }
        return a.size_and_offset < b.size_and_offset;
    });
}

void record_buffer::write_to(segment_writer& writer, bool sorted) {
    for (std::uint32_t partition = 0; partition < partitions_.size(); ++partition) {
        item_list& items = partitions_[partition];
        if (items.begin() == items.end()) continue;
        writer.begin_extent(partition, sorted);
        if (sorted) sort(items);
        for (const item& one : items) writer.copy(record_at(one).whole);
        writer.end_extent();
    }
}

void record_buffer::clear() noexcept {
    used_ = 0;
    records_ = 0;
    for (item_list& items : partitions_) items.clear();
}

}  // namespace sheaf::detail
