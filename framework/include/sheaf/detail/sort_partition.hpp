// Sorting what all map attempts wrote for a partition, in memory or with runs on disk. Not for users.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <sheaf/detail/record_merge.hpp>
#include <sheaf/detail/sorted_records.hpp>

namespace sheaf::detail {

struct sort_plan {
    std::uint64_t memory_budget = 0;
    std::string directory;  ///< where runs are spilled
    value_framing framing = value_framing::sized;
    bool pack = false;  ///< whether they are compressed
    std::stop_token stop{};
    /// Called with the bytes that have been read so far.
    std::function<void(std::uint64_t)> progress{};
};

/// A partition in order.
struct sorted_partition {
    std::unique_ptr<sorted_records> records;
    std::uint64_t spills = 0;  ///< how often something was written to disk
};

/// Sorts the records of `sources`. What fits the budget is sorted in memory; else runs are spilled, and merged as the result is read, with
/// so many of them at a time as the budget has blocks for. Sources that are all sorted already are merged. Throws bad_segment.
[[nodiscard]] sorted_partition sort_partition(std::vector<extent_source> sources, const sort_plan& plan);

}  // namespace sheaf::detail
