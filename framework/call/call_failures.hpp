// What is said of calls that their clocks ended.
#pragma once

#include <cstdint>
#include <optional>

#include "call/call_plan.hpp"
#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// How far a call has come when its deadline comes.
struct waiting_for {
    bool taken = false;                    ///< a server has its job
    bool begun = false;                    ///< a worker has begun it
    std::optional<std::uint64_t> workers;  ///< how many offer its task, if that is known
};

[[nodiscard]] failure deadline_over(const call_plan& plan, const waiting_for& waits);
/// In the queue: `workers` is how many offer the task, if that is known.
[[nodiscard]] failure waited_too_long(const call_plan& plan, std::optional<std::uint64_t> workers);
[[nodiscard]] failure attempt_took_too_long(const call_plan& plan);
[[nodiscard]] failure worker_fell_silent(const call_plan& plan);
[[nodiscard]] failure stream_begun_anew(const call_plan& plan);

}  // namespace sheaf::detail
