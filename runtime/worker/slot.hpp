// What runs on a slot's thread: handlers, one job after the other.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>

#include "sheaf/runtime/worker.hpp"
#include "worker/job_exchange.hpp"

namespace sheaf::runtime {

/// Handlers by function. Not changed while slots run.
using handler_map = std::unordered_map<std::string, job_handler>;

/// Runs the jobs of `slot` until the exchange is closed.
void run_slot(std::size_t slot, job_exchange& exchange, const handler_map& handlers);

}  // namespace sheaf::runtime
