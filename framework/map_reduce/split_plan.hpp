// How the input is cut into splits, the pieces of work of the map stage. Pure: sizes in, splits out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "map_reduce/input_walk.hpp"
#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// The pieces that one map attempt reads, in input order.
using input_split = std::vector<input_piece>;

struct split_policy {
    std::size_t slots = 1;             ///< attempts that can run at the same time
    std::size_t splits_per_slot = 12;  ///< enough that the slots end together, few enough that starting costs nothing
    std::uint64_t bytes_min = 1U << 20;
    std::uint64_t bytes_max = 64U << 20;
    std::uint64_t bytes_exact = 0;        ///< when not 0: as the user wants it, whatever the above say
    std::uint64_t open_cost = 16U << 10;  ///< opening a file takes as long as reading this many bytes
};

/// The bytes that a split should hold, for inputs that cost `total_cost` bytes in all, opening included. At least 1.
[[nodiscard]] std::uint64_t split_size(std::uint64_t total_cost, const split_policy& how);

/// Cuts `files` into splits of about equal cost that together hold each byte once, in order. Small files share a split; large
/// ones are cut at any byte (who reads a piece finds the lines). Empty files are in none.
[[nodiscard]] std::vector<input_split> plan_splits(const std::vector<input_file>& files, const split_policy& how);

/// Each map output has a segment for each partition, so more would be files made of overhead.
inline constexpr std::uint32_t partitions_max = 65536;

/// How many partitions to make when the user does not say: enough to keep the slots busy, no more than a mebibyte of
/// input each is worth. At least 1.
[[nodiscard]] std::uint32_t plan_partitions(std::uint64_t input_bytes, std::size_t slots);

}  // namespace sheaf::detail
