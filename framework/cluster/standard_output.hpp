// Whether what a program printed has arrived.
#pragma once

#include <optional>
#include <string>

namespace sheaf::detail {

/// Writes out what std::cout and stdout still hold. Returns a sentence for a person when that, or anything written before, has
/// failed: as when the disk is full.
[[nodiscard]] std::optional<std::string> flush_standard_output();

}  // namespace sheaf::detail
