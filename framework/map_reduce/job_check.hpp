// What a run learns of its job before it is planned, and whether its options fit that.
#pragma once

#include <optional>
#include <stop_token>

#include <sheaf/detail/job_shape.hpp>
#include <sheaf/detail/map_reduce_driver.hpp>

namespace sheaf::detail {

/// What a worker says of the job's steps. Waits for one, until `stop` fires: then throws cancelled. Throws run_failed.
[[nodiscard]] job_shape ask_for_shape(const unit_calls& calls, call_engine& engine, const std::stop_token& stop);

/// Why the job cannot be run with these options, if so. Pure.
[[nodiscard]] std::optional<error> misfit_of(const job_shape& job, const map_reduce_options& how);

}  // namespace sheaf::detail
