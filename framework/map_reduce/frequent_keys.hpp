// The keys that many of a run's records have. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

/// Adds up what map attempts saw in samples of their records.
class frequent_key_tally {
  public:
    void add(const map_output& one);
    /// Those that had a tenth of all or more, the most frequent first; none when too few records were looked at.
    [[nodiscard]] std::vector<frequent_key> keys(bool folded) const;

  private:
    static constexpr std::uint64_t looked_at_min = 50;

    std::uint64_t looked_at_ = 0;
    std::map<std::string, std::uint64_t> times_;
};

}  // namespace sheaf::detail
