// One submission as a packet: what a request has to be, and which of Gearman's many SUBMIT_... it becomes. Pure.
#pragma once

#include <optional>

#include "protocol/output_buffer.hpp"
#include "sheaf/runtime/client.hpp"

namespace sheaf::runtime {

/// Makes `request` what is sent: puts the prefix before its names, and says what its time implies. Returns why no server
/// would take it, if so.
[[nodiscard]] std::optional<error> prepare(job_request& request, const client_options& how);

/// Writes the packet for `request`, which has been prepared.
void write_submission(protocol::output_buffer& out, const job_request& request);

}  // namespace sheaf::runtime
