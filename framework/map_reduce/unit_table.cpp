// Keeping the account of a stage's units.
#include "map_reduce/unit_table.hpp"

#include <algorithm>
#include <numeric>

namespace sheaf::detail {

unit_table::unit_table(run_stage stage, const std::vector<std::uint64_t>& costs)
    : stage_(stage), units_(costs.size()), ready_(costs.size()) {
    for (std::size_t i = 0; i < costs.size(); ++i) units_[i].cost = costs[i];
    std::iota(ready_.begin(), ready_.end(), 0U);
}

std::optional<std::uint32_t> unit_table::take_ready(time_point now) {
    std::erase_if(paused_, [&](const pause& one) {
        if (one.until > now) return false;
        ready_.push_back(one.index);
        return true;
    });
    while (!ready_.empty()) {
        const std::uint32_t index = ready_.front();
        ready_.pop_front();
        if (!units_[index].is_over()) return index;
    }
    return std::nullopt;
}

bool unit_table::has_ready() const noexcept {
    return std::ranges::any_of(ready_, [this](std::uint32_t index) { return !units_[index].is_over(); });
}

std::optional<unit_table::time_point> unit_table::next_ready() const {
    if (paused_.empty()) return std::nullopt;
    return std::ranges::min(paused_, {}, &pause::until).until;
}

void unit_table::finish(std::uint32_t index) {
    units_.at(index).done = true;
    ++done_;
}

void unit_table::reopen(std::uint32_t index) {
    run_unit& one = units_.at(index);
    one.done = false;
    one.has_backup = false;
    --done_;
}

void unit_table::retire(std::uint32_t index) {
    units_.at(index).retired = true;
    ++retired_;
}

std::uint32_t unit_table::divide(std::uint32_t index, const std::vector<std::uint64_t>& costs) {
    const auto first = static_cast<std::uint32_t>(units_.size());
    const bool careful = units_.at(index).history.careful;
    retire(index);
    for (const std::uint64_t cost : costs) {
        units_.emplace_back().cost = cost;
        units_.back().history.careful = careful;
    }
    for (std::size_t i = costs.size(); i-- > 0;) ready_.push_front(first + static_cast<std::uint32_t>(i));
    return first;
}

}  // namespace sheaf::detail
