// Workers' side of the protocol, second half: what they tell of a job, and who hears it.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// One of the WORK_ packets.
void on_work(world& w, connection_id from, const protocol::packet_view& packet);
/// Jobs whose worker's time is up fail.
void fail_overdue(world& w);

}  // namespace sheaf::broker
