// What operators ask and order in the text protocol.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// One line, without its line end.
void on_admin_line(world& w, connection_id from, std::string_view line);

}  // namespace sheaf::broker
