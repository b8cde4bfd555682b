#include "map_reduce/sampling.hpp"

#include <algorithm>

namespace sheaf::detail {
namespace {

// Enough that the largest of many partitions is seldom half as large again as it should be.
constexpr std::size_t keys_per_partition = 100;
constexpr std::size_t keys_min = 2000;
constexpr std::size_t keys_max = 500'000;

}  // namespace

std::vector<std::vector<input_piece>> plan_samples(const std::vector<std::vector<input_piece>>& splits,
                                                   std::size_t slots) {
    const std::size_t count = std::min(splits.size(), std::max<std::size_t>(16, 2 * slots));
    std::vector<std::vector<input_piece>> chosen;
    // The middle of each of `count` stretches of the input.
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(splits[(2 * i + 1) * splits.size() / (2 * count)]);
    return chosen;
}

std::uint32_t sample_keys_max(std::uint32_t partitions, std::size_t samples) {
    const std::size_t wanted = std::clamp(partitions * keys_per_partition, keys_min, keys_max);
    return static_cast<std::uint32_t>(wanted / std::max<std::size_t>(1, samples) + 1);
}

range_choice choose_ranges(const std::vector<std::vector<std::string>>& samples, std::uint32_t partitions) {
    std::vector<std::string> keys;
    for (const auto& one : samples) keys.insert(keys.end(), one.begin(), one.end());
    std::ranges::sort(keys);
    range_choice choice;
    if (keys.empty()) return choice;
    std::size_t wanted = 0;
    for (std::uint32_t i = 1; i < partitions; ++i, ++wanted) {
        const std::string& bound = keys[keys.size() * i / partitions];
        // A bound at the least key would leave the partition before it empty.
        if (bound == keys.front() || (!choice.boundaries.empty() && choice.boundaries.back() == bound)) continue;
        choice.boundaries.push_back(bound);
    }
    if (choice.boundaries.size() < wanted && keys.size() >= partitions) {
        choice.note = "some keys are so frequent that " + std::to_string(wanted - choice.boundaries.size()) + " of " +
                      std::to_string(partitions) + " partitions are empty: equal keys are always in one";
    }
    return choice;
}

}  // namespace sheaf::detail
