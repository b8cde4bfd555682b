// The arithmetic of splits.
#include "map_reduce/split_plan.hpp"

#include <algorithm>

namespace sheaf::detail {
namespace {

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return value / by + (value % by != 0 ? 1 : 0);
}

// Appends to the last split until it is full, then opens the next.
class split_packer {
  public:
    split_packer(std::uint64_t target, std::uint64_t open_cost) : target_(target), open_cost_(open_cost) {}

    void add(const input_file& file) {
        for (std::uint64_t offset = 0; offset < file.size;) {
            if (filled_ >= target_ || splits_.empty()) start_split();
            const std::uint64_t length = piece_length(file.size - offset);
            splits_.back().push_back({file.path, offset, length, file.size});
            offset += length;
            filled_ += length + open_cost_;
        }
    }

    [[nodiscard]] std::vector<input_split>&& splits() && { return std::move(splits_); }

  private:
    void start_split() {
        splits_.emplace_back();
        filled_ = 0;
    }

    // What is left of the file goes along when it would make a piece not worth opening the file again for.
    [[nodiscard]] std::uint64_t piece_length(std::uint64_t left) const {
        const std::uint64_t room = target_ - filled_;
        return left <= room || left - room <= target_ / 8 ? left : room;
    }

    std::uint64_t target_;
    std::uint64_t open_cost_;
    std::uint64_t filled_ = 0;
    std::vector<input_split> splits_;
};

}  // namespace

std::uint64_t split_size(std::uint64_t total_cost, const split_policy& how) {
    if (how.bytes_exact != 0) return how.bytes_exact;
    const std::uint64_t wanted = std::max<std::uint64_t>(1, how.slots * how.splits_per_slot);
    const std::uint64_t size = std::clamp(divide_up(total_cost, wanted), how.bytes_min, how.bytes_max);
    // As many splits, but of equal size: the last is not a small rest.
    return std::max<std::uint64_t>(1, divide_up(total_cost, std::max<std::uint64_t>(1, divide_up(total_cost, size))));
}

std::vector<input_split> plan_splits(const std::vector<input_file>& files, const split_policy& how) {
    const std::uint64_t open_cost = how.bytes_exact != 0 ? 0 : how.open_cost;
    std::uint64_t total_cost = 0;
    for (const input_file& file : files) {
        if (file.size != 0) total_cost += file.size + open_cost;
    }
    split_packer packer(split_size(total_cost, how), open_cost);
    for (const input_file& file : files) packer.add(file);
    return std::move(packer).splits();
}

std::uint32_t plan_partitions(std::uint64_t input_bytes, std::size_t slots) {
    constexpr std::uint64_t wanted_max = 1024;
    const std::uint64_t worth = 1 + input_bytes / (1U << 20);
    const std::uint64_t wanted = 2 * std::max<std::uint64_t>(1, slots);
    return static_cast<std::uint32_t>(std::min({worth, wanted, wanted_max}));
}

}  // namespace sheaf::detail
