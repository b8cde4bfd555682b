// What a caller tells a worker process about calls that it runs: the payload of a job of its control function. Not for users.
//
//   order  'S' 'C' version  kind  the calls' ids, u64 each, little-endian
// Version is 1. The kind is 0, which cancels the calls; the answer is empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <sheaf/failure.hpp>
#include <sheaf/runtime/shared_bytes.hpp>

namespace sheaf::detail {

/// The Gearman functions under which worker processes take orders begin with this. Nothing that users offer may.
inline constexpr std::string_view control_prefix = "sheaf.ctl.";
inline constexpr std::size_t control_name_max = 64;

/// Whether a worker may say that it takes orders under `name`.
[[nodiscard]] constexpr bool is_control_name(std::string_view name) noexcept {
    return name.starts_with(control_prefix) && name.size() <= control_name_max && name.find('\0') == name.npos;
}

/// The name of a background job's call: it follows from its handle, so that whoever has that may cancel it.
[[nodiscard]] std::uint64_t background_call(std::string_view handle) noexcept;

/// The calls named by request_terms::call that nobody waits for any more.
[[nodiscard]] shared_bytes write_cancel_order(std::span<const std::uint64_t> calls);
/// Refuses, as malformed, what is no order or one that this version does not know.
[[nodiscard]] result<std::vector<std::uint64_t>> read_cancel_order(std::string_view bytes);

}  // namespace sheaf::detail
