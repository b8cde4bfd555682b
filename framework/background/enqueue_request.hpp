// A background call as the job that a server is given. Pure.
#pragma once

#include <sheaf/detail/call_engine.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf {
struct background_options;
}

namespace sheaf::detail {

/// With terms only when `how` asks for some, so that any server takes the others. A failure when `how` asks for what background
/// jobs do not have.
[[nodiscard]] result<runtime::job_request> make_enqueue_request(const raw_call& call, const background_options& how);

}  // namespace sheaf::detail
