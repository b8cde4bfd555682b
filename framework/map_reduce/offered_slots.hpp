// How many workers a server has for a function.
#pragma once

#include <cstddef>
#include <string_view>

namespace sheaf::detail {

/// Reads the answer to the admin command "status": lines of function, queued jobs, running jobs and able workers, apart by
/// tabs. 0 when the function is not in it, or the line is not of that form.
[[nodiscard]] std::size_t offered_slots(std::string_view status, std::string_view function);

}  // namespace sheaf::detail
