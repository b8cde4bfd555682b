// Taking notes in.
#include "map_reduce/run_account.hpp"

#include <algorithm>
#include <numeric>

namespace sheaf::detail {

std::uint64_t bytes_of(const std::vector<input_piece>& pieces) noexcept {
    std::uint64_t bytes = 0;
    for (const input_piece& piece : pieces) bytes += piece.length;
    return bytes;
}

std::vector<output_part> parts_of(const reduce_output& made) {
    std::vector<output_part> parts{{made.file}};
    for (const std::string& file : made.more_files) parts.push_back({file});
    auto range = made.ranges.begin();
    for (output_part& one : parts) {
        if (!one.file.empty()) continue;
        if (range == made.ranges.end()) return {};
        one.range = *range++;
    }
    if (range != made.ranges.end()) parts.clear();
    return parts;
}

run_account::run_account(run_header header)
    : header_(std::move(header)),
      splits_planned_(static_cast<std::uint32_t>(header_.splits.size())),
      order_(header_.splits.size()),
      mapped_(header_.splits.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    origins_ = order_;
    header_.groups = std::min(header_.groups, splits_planned_);
    merged_.resize(header_.groups);
    header_.partitions_per_unit = std::max(1U, header_.partitions_per_unit);
    reduced_.resize((header_.partitions + header_.partitions_per_unit - 1) / header_.partitions_per_unit);
}

bool run_account::apply(const run_note& note) {
    return std::visit([this](const auto& one) { return take(one); }, note);
}

const map_output* run_account::mapped(std::uint32_t index) const {
    return index < mapped_.size() && mapped_[index] ? &*mapped_[index] : nullptr;
}

// Neighbours in the order of the input, so that values are folded in that order.
std::span<const std::uint32_t> run_account::order_of_group(std::uint32_t group) const {
    const auto begin_of = [this](std::uint64_t one) {
        const std::uint64_t split = one * splits_planned_ / header_.groups;
        const auto origin = [this](std::uint32_t unit) { return origins_[unit]; };
        return std::ranges::lower_bound(order_, split, {}, origin);
    };
    return {begin_of(group), begin_of(std::uint64_t{group} + 1)};
}

const reduce_output* run_account::merged(std::uint32_t index) const {
    return index < merged_.size() && merged_[index] ? &*merged_[index] : nullptr;
}

const reduce_output* run_account::reduced(std::uint32_t index) const {
    return index < reduced_.size() && reduced_[index] ? &*reduced_[index] : nullptr;
}

std::uint32_t run_account::partitions_of(std::uint32_t unit) const noexcept {
    return std::min(header_.partitions_per_unit, header_.partitions - first_partition(unit));
}

bool run_account::take(const run_header& /*again*/) { return false; }

bool run_account::take(const boundaries_chosen& chosen) {
    if (chosen.boundaries.size() >= header_.partitions) return false;
    boundaries_ = chosen.boundaries;
    has_boundaries_ = true;
    return true;
}

bool run_account::take(const unit_mapped& unit) {
    if (unit.index >= mapped_.size() || mapped_[unit.index]) return false;
    mapped_[unit.index] = unit.output;
    bytes_mapped_ += bytes_of(header_.splits[unit.index]);
    bad_records_ += unit.output.bad.size();
    return true;
}

bool run_account::take(const segment_gone& unit) {
    if (mapped(unit.index) == nullptr) return false;
    bytes_mapped_ -= bytes_of(header_.splits[unit.index]);
    bad_records_ -= mapped_[unit.index]->bad.size();
    mapped_[unit.index].reset();
    publishing_.reset();
    return true;
}

bool run_account::take(const unit_divided& unit) {
    const auto place = std::ranges::find(order_, unit.index);
    if (place == order_.end() || mapped_[unit.index]) return false;
    const auto first = static_cast<std::uint32_t>(mapped_.size());
    std::vector<std::uint32_t> added(unit.parts.size());
    std::iota(added.begin(), added.end(), first);
    order_.insert(order_.erase(place), added.begin(), added.end());
    header_.splits.insert(header_.splits.end(), unit.parts.begin(), unit.parts.end());
    const std::uint32_t origin = origins_[unit.index];
    origins_.resize(header_.splits.size(), origin);
    mapped_.resize(header_.splits.size());
    return true;
}

bool run_account::take(const unit_reduced& unit) {
    if (unit.index >= reduced_.size() || reduced_[unit.index]) return false;
    reduced_[unit.index] = unit.output;
    ++reduced_count_;
    bad_records_ += unit.output.bad.size();
    return true;
}

bool run_account::take(const output_publishing& output) {
    if (!all_reduced()) return false;
    publishing_ = output;
    return true;
}

bool run_account::take(const output_gone& unit) {
    if (reduced(unit.index) == nullptr) return false;
    bad_records_ -= reduced_[unit.index]->bad.size();
    reduced_[unit.index].reset();
    --reduced_count_;
    publishing_.reset();
    return true;
}

bool run_account::take(const unit_merged& unit) {
    if (unit.index >= merged_.size() || merged_[unit.index]) return false;
    merged_[unit.index] = unit.output;
    return true;
}

bool run_account::take(const merge_gone& unit) {
    if (merged(unit.index) == nullptr) return false;
    merged_[unit.index].reset();
    return true;
}

}  // namespace sheaf::detail
