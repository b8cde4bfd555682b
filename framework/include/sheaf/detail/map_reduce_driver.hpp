// Running a map/reduce job whose types are erased. Not for users.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/detail/map_reduce_units.hpp>
#include <sheaf/detail/unit_refused.hpp>
#include <sheaf/map_reduce_options.hpp>
#include <sheaf/map_reduce_report.hpp>

namespace sheaf::detail {

/// The two tasks of a job as bytes: how calls of them are made, and how their answers are read.
struct unit_calls {
    std::string_view job;           ///< the name that people know it by
    std::string_view map_function;  ///< as the server knows it
    raw_call (*map)(const map_assignment&);
    result<map_output> (*read_map)(raw_result);
    raw_call (*reduce)(const reduce_assignment&);
    result<reduce_output> (*read_reduce)(raw_result);
    /// Of a reduce attempt's failure: the lost segment it was for, if it was that.
    std::optional<segment_lost> (*read_lost)(const failure&);
    /// Of jobs that are partitioned by ranges of keys.
    raw_call (*sample)(const sample_assignment&) = nullptr;
    result<sample_output> (*read_sample)(raw_result) = nullptr;
    /// What the job's steps need, by a worker that has them.
    raw_call (*describe)() = nullptr;
    result<job_shape> (*read_shape)(raw_result) = nullptr;
};

}  // namespace sheaf::detail
