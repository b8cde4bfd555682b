// What a person is told when a background job has no result. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <sheaf/background_status.hpp>
#include <sheaf/detail/call_engine.hpp>
#include <sheaf/failure.hpp>
#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// A job that was asked for its result.
struct asked_job {
    raw_call frame;  ///< its task
    std::string handle;
    std::chrono::milliseconds deadline{0};  ///< how long its end was waited for
};

/// Whether the server should be asked about the job, so that more can be said of `end`.
[[nodiscard]] bool needs_status(const runtime::job_end& end) noexcept;

/// What `end`, of the question for its result, means; `status` is what the server has said of the job after that.
[[nodiscard]] raw_result read_background_end(runtime::job_end end, const asked_job& job,
                                             const std::optional<background_status>& status);

}  // namespace sheaf::detail
