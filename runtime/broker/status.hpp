// Questions about jobs.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// GET_STATUS: by handle.
void on_get_status(world& w, connection_id from, std::string_view handle);
/// GET_STATUS_UNIQUE: by unique key, over all functions.
void on_get_status_unique(world& w, connection_id from, std::string_view unique);

}  // namespace sheaf::broker
