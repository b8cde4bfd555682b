// Telling a worker to stop a background job that was cancelled.
#pragma once

#include <string_view>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Tells all workers that take orders, one of which runs the job `handle`, to stop it. Waits a little for who they are, and not
/// for what they do.
void order_stop(call_engine& through, std::string_view handle);

}  // namespace sheaf::detail
