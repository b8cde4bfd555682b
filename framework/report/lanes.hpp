// The rows of a run's timeline: one for each worker, and more where a worker's attempts overlap.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

struct lane {
    std::string worker;  ///< as the report names it; "unknown worker" for attempts without a name
    std::vector<const attempt_record*> attempts;  ///< of the report, by beginning; none overlaps the next
};

/// Sorted by worker. The attempts stay the report's.
[[nodiscard]] std::vector<lane> lanes_of(const map_reduce_report& report);

/// The number of the attempt's unit, or of the partitions that it reduces: "3", "208-211".
[[nodiscard]] std::string number_of(const attempt_record& attempt);
/// The attempt in words: "map 3", and "map 3, attempt 2" of a later one.
[[nodiscard]] std::string name_of(const attempt_record& attempt);
/// "sample", "map" or "reduce".
[[nodiscard]] const char* name_of(run_stage stage) noexcept;
/// "won", "failed", ...
[[nodiscard]] const char* name_of(attempt_record::end outcome) noexcept;

}  // namespace sheaf::detail
