// The timeline of a run as a drawing within a page.
#pragma once

#include <string>

#include "report/lanes.hpp"

namespace sheaf::detail {

/// Appends an SVG with a row for each worker and a bar for each attempt, which tells more when it is pointed at. Of very many
/// attempts the longest are drawn.
void append_timeline(std::string& page, const map_reduce_report& report);

}  // namespace sheaf::detail
