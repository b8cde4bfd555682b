// After which failures a call is tried again, and after what pause. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include <sheaf/failure.hpp>
#include <sheaf/retry.hpp>

namespace sheaf::detail {

/// Whether `rules` let a call be tried again after `why`; `typed_again` is raw_call's. How often does not matter here.
[[nodiscard]] bool is_tried_again_after(const failure& why, const retry& rules, std::uint64_t typed_again);

/// The pause before the attempt that follows `tried` of them. `random` is in [0, 1).
[[nodiscard]] std::chrono::milliseconds pause_after(unsigned tried, const retry& rules, double random);

}  // namespace sheaf::detail
