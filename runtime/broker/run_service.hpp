// `sheaf.run`: what clients ask about runs, and tell them to do.
#pragma once

#include <string_view>

#include "broker/world.hpp"

namespace sheaf::broker {

/// The first line of `order` is a verb and the run's name: start, take, status or cancel; or list. See docs/protocol.md.
void on_run_service(world& w, connection_id from, std::string_view order);

}  // namespace sheaf::broker
