// Jobs and their ends as the store has them, and jobs as the broker does.
#pragma once

#include "broker/types.hpp"
#include "store/rows.hpp"

namespace sheaf::server {

[[nodiscard]] store::job_row row_of(const broker::job_record& job);
[[nodiscard]] store::result_row row_of(const broker::job_record& job, const broker::job_result& result);
[[nodiscard]] store::dead_letter letter_of(const broker::job_record& job, const broker::cause_of_death& why);
[[nodiscard]] broker::job_record record_of(store::job_row&& row);

}  // namespace sheaf::server
