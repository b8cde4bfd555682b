// Which results are kept, by which keys they are found, and which ones go. Pure: the rows themselves are elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/rows.hpp"

namespace sheaf::store {

class result_shelf {
  public:
    /// `bytes_max`: of all results together, with 256 bytes for each besides its data.
    explicit result_shelf(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    /// A result that is new, or was there when the store was opened.
    void add(job_number id, std::string_view unique, std::uint64_t bytes, wall_time expires);
    /// Takes off what has to go at `now`: what is over, and what there is no room for, the one to be over first going first.
    [[nodiscard]] std::vector<job_number> take_due(wall_time now);

    /// From here on what is changed can be undone, and what was before cannot.
    void begin() noexcept;
    void undo();

    /// Jobs that may have ended with this unique key, the last one first.
    [[nodiscard]] std::vector<job_number> with_unique(std::string_view unique) const;
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct entry {
        wall_time expires;
        std::uint64_t bytes = 0;
        std::uint64_t key = 0;  ///< 0: it has none
    };

    /// What it was before it was changed.
    struct change {
        job_number id = 0;
        std::optional<entry> was;
    };

    void drop(job_number id);
    void put(job_number id, const entry& one);
    void take(job_number id);

    std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::unordered_map<job_number, entry> entries_;
    std::set<std::pair<wall_time, job_number>> by_end_;
    std::set<std::pair<std::uint64_t, job_number>> by_key_;
    std::vector<change> changes_;
};

}  // namespace sheaf::store
