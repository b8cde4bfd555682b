// What runs on a slot's thread: handlers, one job after the other.
#pragma once

#include <cstddef>

#include "worker/job_exchange.hpp"

namespace sheaf::runtime {

/// Runs the jobs of `slot` until the exchange is closed.
void run_slot(std::size_t slot, job_exchange& exchange);

}  // namespace sheaf::runtime
