// Which partition of a map/reduce run a key belongs to: the argument of partition_with().
#pragma once

namespace sheaf {

/// By a hash of the key, which is the same on every machine and in every build: partitions are about equally large. The default.
struct by_hash_t {};
inline constexpr by_hash_t by_hash{};

/// By ranges of keys: all keys of a partition come before those of the next, so the parts of the output, one after the other, are sorted.
/// The borders are chosen from a sample of what the mappers emit, so that partitions are about equally large, unless a single key has more
/// than its share: all records of one key meet in one partition.
struct by_range_t {};
inline constexpr by_range_t by_range{};

// A function of one's own is called with the key, as reducers see it, and the number of partitions, and gives a number below that. It must
// give the same number for equal keys in every process:
//
//     .partition_with([](std::string_view host, std::uint32_t partitions) { return tier_of(host) % partitions; })

}  // namespace sheaf
