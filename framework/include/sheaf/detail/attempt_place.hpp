// Where an attempt works: in the run's directory, if its host has that, and else in one of its host's own. Not for users.
#pragma once

#include <functional>
#include <string>

#include <sheaf/detail/attempt_hooks.hpp>
#include <sheaf/detail/map_reduce_units.hpp>

namespace sheaf::detail {

/// Calls `attempt` with the assignment as this host has to see it, and returns its output as the driver has to see it.
///
/// Where the file "nonce" in the run's directory says that it is the driver's, the assignment stays as it is. Elsewhere the run
/// gets a directory on this host, which takes the place of the run's directory and of the output's; what is written
/// there is known to others by output.location. Inputs are files of this host only if they are those that the driver sees,
/// and else read from the driver. When that needs an address of the driver's which the assignment does not have,
/// `attempt` is not called, and the output says wants_driver.
[[nodiscard]] map_output place_attempt(
    const map_assignment& what, attempt_hooks hooks,
    const std::function<map_output(const map_assignment&, const attempt_hooks&)>& attempt);

/// As for map attempts. The files are paths of this host, or addresses that hooks.open opens; a segment_lost names them as
/// `what` does.
[[nodiscard]] reduce_output place_attempt(
    const reduce_assignment& what, attempt_hooks hooks,
    const std::function<reduce_output(const reduce_assignment&, const attempt_hooks&)>& attempt);

/// As for map attempts. Has no directory.
[[nodiscard]] sample_output place_attempt(
    const sample_assignment& what, attempt_hooks hooks,
    const std::function<sample_output(const sample_assignment&, const attempt_hooks&)>& attempt);

}  // namespace sheaf::detail
