// Reduce jobs: a handler that splits a job, has another function do the parts, and puts their results together.
#pragma once

#include <functional>
#include <vector>

#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/worker.hpp"

namespace sheaf::runtime {

/// What a job is split into: the payloads of the jobs of its reducer.
using job_splitter = std::function<std::vector<shared_bytes>(const assignment& job)>;
/// The answer to a job, of the results of its parts, in the order of the parts.
using job_aggregator = std::function<job_answer(const std::vector<shared_bytes>& results)>;

/// A handler for jobs that were submitted with job_request::reducer: libgearman's partition function, and its aggregator. Offer it
/// with function_options::with_reducer. It waits for its parts, which some other
/// slot has to run: of this worker, if worker_options::lent_max lets it lend its own, or of another. When one of them fails, the
/// others are cancelled, and the job ends with an exception that says why. `parts` submits them, with the worker's prefix if it
/// has one, and must outlive the worker.
[[nodiscard]] job_handler partition_handler(client& parts, job_splitter split, job_aggregator aggregate);

}  // namespace sheaf::runtime
