// How the input is cut into splits, the pieces of work of the map stage. Pure: sizes in, splits out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "input/input_walk.hpp"
#include <sheaf/detail/input_piece.hpp>

namespace sheaf::detail {

/// The pieces that one map attempt reads, in input order. All are of one input.
using input_split = std::vector<input_piece>;

struct split_policy {
    std::size_t slots = 1;             ///< attempts that can run at the same time
    std::size_t splits_per_slot = 12;  ///< enough that the slots end together, few enough that starting costs nothing
    std::uint64_t bytes_min = 1U << 20;
    std::uint64_t bytes_max = 64U << 20;
    std::uint64_t bytes_exact = 0;         ///< when not 0: as the user wants it, whatever the above say
    std::uint64_t open_cost = 16U << 10;   ///< opening a file takes as long as reading this many bytes
    std::uint64_t unpacking_cost = 4;      ///< a compressed byte takes as long as reading so many that are not
    std::uint64_t shipped_max = 1U << 20;  ///< bytes of values that travel in one assignment

    [[nodiscard]] std::uint64_t splits_wanted() const noexcept;
};

/// One input, looked at. Of its members only those count that its format speaks of.
struct seen_input {
    input_format format{};
    std::vector<input_file> files{};
    std::uint64_t numbers = 0;         ///< how many
    std::string_view values{};         ///< one after the other, each after its length
    std::vector<std::string> parts{};  ///< of a user's own source
};

/// The bytes that a split should hold, for inputs that cost `total_cost` bytes in all, opening included. At least 1.
[[nodiscard]] std::uint64_t split_size(std::uint64_t total_cost, const split_policy& how);

/// Cuts `inputs` into splits of about equal cost that together hold each byte once, in order. Small files share a split; large
/// ones are cut at any byte (who reads a piece finds the records), unless they are compressed or records by themselves. Empty
/// files are in none, unless they are records.
[[nodiscard]] std::vector<input_split> plan_splits(const std::vector<seen_input>& inputs, const split_policy& how);

/// Where a split's records are, for a person: "/data/log, bytes 0 to 100".
[[nodiscard]] std::string describe_split(const input_split& pieces, const input_formats& formats);

/// Cuts a piece into up to `ways` that have its records between them, to find one that does harm. A piece that cannot be
/// cut any more comes back alone.
[[nodiscard]] std::vector<input_piece> cut_piece(const input_piece& piece, const input_format& format,
                                                 std::size_t ways);

/// Each map output has a segment for each partition, so more would be files made of overhead.
inline constexpr std::uint32_t partitions_max = 65536;

/// How many partitions to make when the user does not say: enough to keep the slots busy, no more than a mebibyte of
/// input each is worth, and no more of it in one than `partition_bytes`, where that is not 0. At least 1.
[[nodiscard]] std::uint32_t plan_partitions(std::uint64_t input_bytes, std::size_t slots,
                                            std::uint64_t partition_bytes = 0);

}  // namespace sheaf::detail
