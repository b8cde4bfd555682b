#include <algorithm>

#include <sheaf/detail/key_prefix.hpp>
#include <sheaf/detail/partitioner.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {

range_partitioner::range_partitioner(const std::vector<std::string>& boundaries, std::uint32_t partitions)
    : partitions_(partitions), boundaries_(boundaries) {
    if (boundaries_.size() >= partitions_) {
        throw unit_refused("the run's ranges of keys do not fit its " + std::to_string(partitions_) +
                           " partitions: driver and workers are not of one version");
    }
    prefixes_.reserve(boundaries_.size());
    for (const std::string& one : boundaries_) prefixes_.push_back(key_prefix(one));
}

std::uint32_t range_partitioner::of(std::string_view key) const noexcept {
    const std::uint64_t prefix = key_prefix(key);
    // Without branches: where a key belongs is as good as random.
    std::size_t first = 0;
    for (std::size_t count = prefixes_.size(); count != 0;) {
        const std::size_t half = (count + 1) / 2;
        first += prefixes_[first + half - 1] < prefix ? half : 0;
        count = count == 1 ? 0 : count - half;
    }
    while (first < prefixes_.size() && prefixes_[first] == prefix && boundaries_[first] <= key) ++first;
    return static_cast<std::uint32_t>(first);
}

void throw_no_partition(std::uint64_t found, std::uint32_t partitions) {
    throw unit_refused("the job's partition function gave " + std::to_string(found) + ", but there are only " +
                       std::to_string(partitions) +
                       " partitions, counted from 0. It must give less than its second argument.");
}

}  // namespace sheaf::detail
