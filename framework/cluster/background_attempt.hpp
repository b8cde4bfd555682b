// Which attempt at a background job a worker runs: only its server knows.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <sheaf/runtime/client.hpp>

namespace sheaf::detail {

/// Asks server number `server`, for a second at most. Nothing when it does not say.
[[nodiscard]] std::optional<unsigned> ask_attempt(runtime::client& through, std::size_t server,
                                                  std::string_view handle);

}  // namespace sheaf::detail
