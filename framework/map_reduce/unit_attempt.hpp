// Names for the units of a run and for tries at them.
#pragma once

#include <cstdint>
#include <string>

#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

/// How a unit is tried.
enum class attempt_mode : std::uint8_t {
    normal,
    careful,  ///< record by record, leaving out those that the job's functions throw for
    skip      ///< not at all: what is left of the unit kills whoever touches it, and is written aside
};

/// One try at one unit: a sample, a split, or some partitions.
struct unit_attempt {
    run_stage stage = run_stage::map;
    std::uint32_t index = 0;
    std::uint32_t number = 1;
    attempt_mode mode = attempt_mode::normal;

    friend bool operator==(const unit_attempt&, const unit_attempt&) = default;
};

/// The unit in words: "sample 1", "split 3", "partition 0".
[[nodiscard]] std::string to_string(run_stage stage, std::uint32_t index);

}  // namespace sheaf::detail
