// Workers' side of the protocol, second half: what they tell of a job, and who hears it.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// One of the WORK_ packets.
void on_work(world& w, connection_id from, const protocol::packet_view& packet);
/// The same, with `bytes` bytes, which is above the limit: `start` lacks its data. That attempt at the job has failed.
void on_oversized(world& w, connection_id from, const protocol::packet_view& start, std::size_t bytes);
/// Jobs whose worker's time is up fail.
void fail_overdue(world& w);

}  // namespace sheaf::broker
