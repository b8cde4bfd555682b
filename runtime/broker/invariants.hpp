// What must hold between any two events.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// Aborts when the broker's beliefs contradict each other. Looks at everything there is.
void check_invariants(const world& w);

}  // namespace sheaf::broker
