// What a caller tells a worker process about calls that it runs: the payload of a job of its control function. Not for users.
//
//   order  'S' 'C' version  kind  the calls' ids, u64 each, little-endian
// Version is 1. The kind is 0, which cancels the calls; the answer is empty.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf::detail {

/// The Gearman functions under which worker processes take orders begin with this. Nothing that users offer may.
inline constexpr std::string_view control_prefix = "sheaf.ctl.";

/// The calls named by request_terms::call that nobody waits for any more.
[[nodiscard]] shared_bytes write_cancel_order(std::span<const std::uint64_t> calls);
/// Refuses, as malformed, what is no order or one that this version does not know.
[[nodiscard]] result<std::vector<std::uint64_t>> read_cancel_order(std::string_view bytes);

}  // namespace sheaf::detail
