// What runs on a slot's thread: handlers, one job after the other.
#pragma once

#include <cstddef>
#include <memory>

#include "worker/deferral.hpp"
#include "worker/job_exchange.hpp"

namespace sheaf::runtime {

/// Runs the jobs of `slot` until the exchange is closed. `guests` may use the exchange for jobs that are deferred.
void run_slot(std::size_t slot, job_exchange& exchange, const std::shared_ptr<visitors>& guests);

}  // namespace sheaf::runtime
