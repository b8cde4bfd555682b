// The Gearman function under which a worker process takes orders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace sheaf::detail {

/// A name that tells a person where the process is, and that nobody can guess: control_prefix, host, `owner` (a process),
/// `place` (which of its worker processes) and `nonce`, in at most 64 of the characters A-Z a-z 0-9 . _ and -.
[[nodiscard]] std::string control_name(std::string_view host, pid_t owner, std::size_t place, std::uint64_t nonce);

}  // namespace sheaf::detail
