#include <utility>

#include "base/assert.hpp"
#include <sheaf/detail/key_prefix.hpp>
#include <sheaf/detail/record_pile.hpp>

namespace sheaf::detail {

std::uint64_t record_pile::add_block(extent_blocks& from) {
    const std::size_t length = from.next_size();
    const std::size_t wanted = used_ + length + extent_blocks::read_slack;
    if (wanted > arena_.size()) arena_.grow(wanted);
    if (origins_.empty() || origins_.back().path != from.file().path()) origins_.push_back({used_, from.file().path()});
    char* at = arena_.data() + used_;
    from.read(at);
    const char* const end = at + length;
    const std::size_t before = items_count_;
    for (record_view record; at != end; at += record.whole.size()) {
        if (!read_record(at, end, framing_, record)) from.malformed("a record is cut off");
        if ((items_count_ + 1) * sizeof(sort_item) > items_.size()) [[unlikely]]
            items_.grow((items_count_ + 1) * sizeof(sort_item));
        items()[items_count_++] =
            sort_item::of(key_prefix(record.key), record.key.size(), static_cast<std::size_t>(at - arena_.data()));
    }
    used_ += length;
    return items_count_ - before;
}

void record_pile::sort() { sort_items({items(), items_count_}, arena_.data()); }

void record_pile::read(std::size_t i, record_view& into) const noexcept {
    const bool whole = read_record(arena_.data() + items()[i].offset(), arena_.data() + used_, framing_, into);
    SHEAF_ASSERT(whole, "records in memory are whole");
}

void record_pile::write_run(segment_writer& to) const {
    to.begin_extent(0, true);
    constexpr std::size_t ahead = 12;
    record_view record;
    for (std::size_t i = 0; i < items_count_; ++i) {
        prefetch(i + ahead);
        read(i, record);
        to.copy(record.whole);
    }
    to.end_extent();
}

void record_pile::clear() noexcept {
    used_ = 0;
    items_count_ = 0;
    origins_.clear();
}

const std::string& record_pile::path_of(std::size_t i) const noexcept {
    const auto after = std::upper_bound(origins_.begin(), origins_.end(), items()[i].offset(),
                                        [](std::size_t offset, const origin& one) { return offset < one.begin; });
    return std::prev(after)->path;
}

}  // namespace sheaf::detail
