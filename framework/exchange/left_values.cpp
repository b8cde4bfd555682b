#include <utility>

#include "base/assert.hpp"
#include <sheaf/detail/left_values.hpp>
#include <sheaf/detail/record_merge.hpp>

namespace sheaf::detail {

kept_values::kept_values(std::uint64_t memory_budget, std::string directory, bool pack)
    : memory_budget_(memory_budget), directory_(std::move(directory)), pack_(pack) {}

kept_values::~kept_values() = default;

void kept_values::clear() {
    size_ = 0;
    pile_ = nullptr;
    copied_.clear();
    writer_.reset();
    spill_path_.clear();
}

void kept_values::add(const sorted_records& records) {
    if (size_++ == 0) {
        pile_ = records.pile();
        first_ = records.position();
    }
    if (pile_ != nullptr) return;
    const std::string_view value = records.record().value;
    const std::size_t before = copied_.size();
    if (before != 0 && before + value.size() > memory_budget_) spill();
    copied_.resize(copied_.size() + 1 + varint_bytes_max + value.size());
    char* to = copied_.data() + (copied_.size() - (1 + varint_bytes_max + value.size()));
    to = write_varint(write_varint(to, 0), value.size());
    to += value.copy(to, value.size());
    copied_.resize(static_cast<std::size_t>(to - copied_.data()));
}

void kept_values::spill() {
    if (!writer_) {
        writer_ =
            std::make_unique<segment_writer>(directory_, "spill-" + unique_suffix(), 1, value_framing::sized, pack_);
        writer_->begin_extent(0, false);
    }
    const char* const end = copied_.data() + copied_.size();
    record_view record;
    for (const char* at = copied_.data(); at != end; at += record.whole.size()) {
        const bool whole = read_record(at, end, value_framing::sized, record);
        SHEAF_ASSERT(whole, "copied values are whole");
        writer_->copy(record.whole);
    }
    copied_.clear();
    ++spills_;
}

void kept_values::seal() {
    if (!writer_) return;
    writer_->end_extent();
    spill_path_ = writer_->seal();
}

kept_values::reader::reader(const kept_values& of) : of_(&of), at_(of.pile_ != nullptr ? of.first_ : 0) {
    if (of.spill_path_.empty()) return;
    const auto extents = extents_of_partition({of.spill_path_}, 0, 1, value_framing::sized);
    spilled_ = std::make_shared<extent_cursor>(source_opener().open(extents.front()));
}

bool kept_values::reader::next() {
    if (of_->pile_ != nullptr) {
        if (at_ - of_->first_ == of_->size_) return false;
        of_->pile_->read(at_++, record_);
        return true;
    }
    if (spilled_ && spilled_->next()) {
        record_ = spilled_->record();
        return true;
    }
    spilled_.reset();
    const std::string& bytes = of_->copied_;
    if (at_ == bytes.size()) return false;
    const bool whole = read_record(bytes.data() + at_, bytes.data() + bytes.size(), value_framing::sized, record_);
    SHEAF_ASSERT(whole, "copied values are whole");
    at_ += record_.whole.size();
    return true;
}

}  // namespace sheaf::detail
