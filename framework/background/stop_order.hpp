// Telling workers to stop background jobs, or jobs of a run, that were cancelled.
#pragma once

#include <span>
#include <string_view>

#include <sheaf/detail/call_engine.hpp>

namespace sheaf::detail {

/// Tells all workers that take orders, some of which run the jobs `handles`, to stop them. Waits a little for who they are, and
/// not for what they do.
void order_stop(call_engine& through, std::span<const std::string_view> handles);

}  // namespace sheaf::detail
