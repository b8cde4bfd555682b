// What the end of a Gearman job means for the typed call that it was.
#pragma once

#include "call/call_plan.hpp"
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// The result in `end`, or the failure that it stands for.
[[nodiscard]] raw_result read_end(runtime::job_end end, const call_plan& of);

/// How often the host of the workers may try an attempt before it reports that its worker was lost, when `tried` attempts
/// have failed. More than once only where it makes no difference to the caller who tries again.
[[nodiscard]] unsigned host_attempts(const call_plan& plan, unsigned tried);

}  // namespace sheaf::detail
