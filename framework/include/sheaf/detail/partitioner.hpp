// Partitions as map attempts choose them, from the bytes of keys. Not for users: see partition.hpp.
//
// A partitioner has of(key bytes), and by_hash: whether it is enough to know the key's hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/detail/key_codec.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/stable_hash.hpp>
#include <sheaf/partition.hpp>

namespace sheaf::detail {

class hash_partitioner {
  public:
    static constexpr bool by_hash = true;

    explicit hash_partitioner(std::uint32_t partitions) noexcept : partitions_(partitions) {}

    [[nodiscard]] std::uint32_t partitions() const noexcept { return partitions_; }
    [[nodiscard]] std::uint32_t of(std::string_view key) const noexcept { return of_hash(stable_hash(key)); }
    [[nodiscard]] std::uint32_t of_hash(std::uint64_t hash) const noexcept { return partition_of(hash, partitions_); }

  private:
    std::uint32_t partitions_;
};

/// A key belongs to the partition whose number is the number of boundaries that are not after it.
class range_partitioner {
  public:
    static constexpr bool by_hash = false;

    /// `boundaries`: sorted, each once. Throws unit_refused when there are too many of them for so many partitions.
    range_partitioner(const std::vector<std::string>& boundaries, std::uint32_t partitions);

    [[nodiscard]] std::uint32_t partitions() const noexcept { return partitions_; }
    [[nodiscard]] std::uint32_t of(std::string_view key) const noexcept;

  private:
    std::uint32_t partitions_;
    std::vector<std::uint64_t> prefixes_;  ///< of the boundaries
    std::vector<std::string> boundaries_;
};

/// Throws unit_refused: a job's own function gave `found`, which is none of the partitions.
[[noreturn]] void throw_no_partition(std::uint64_t found, std::uint32_t partitions);

template <class K, class F>
class own_partitioner {
  public:
    static constexpr bool by_hash = false;

    own_partitioner(F choose, std::uint32_t partitions) : choose_(std::move(choose)), partitions_(partitions) {}

    [[nodiscard]] std::uint32_t partitions() const noexcept { return partitions_; }
    [[nodiscard]] std::uint32_t of(std::string_view key) const {
        const auto found = static_cast<std::uint64_t>(choose_(key_codec<K>::read(key), partitions_));
        if (found >= partitions_) throw_no_partition(found, partitions_);
        return static_cast<std::uint32_t>(found);
    }

  private:
    F choose_;
    std::uint32_t partitions_;
};

template <class K>
[[nodiscard]] hash_partitioner make_partitioner(by_hash_t, const map_assignment& what) {
    return hash_partitioner(what.partitions);
}
template <class K>
[[nodiscard]] range_partitioner make_partitioner(by_range_t, const map_assignment& what) {
    return {what.boundaries, what.partitions};
}
template <class K, class F>
[[nodiscard]] own_partitioner<K, F> make_partitioner(F choose, const map_assignment& what) {
    return {std::move(choose), what.partitions};
}

}  // namespace sheaf::detail
