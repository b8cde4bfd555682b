// Workers' side of the protocol, first half: what they can do, and handing them jobs.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// CAN_DO and CAN_DO_TIMEOUT. Saying it twice counts once; the last time-out counts.
void on_can_do(world& w, connection_id from, std::string_view function,
               std::optional<std::chrono::milliseconds> timeout);
/// CANT_DO: the connection's running jobs of the function go to someone else.
void on_cant_do(world& w, connection_id from, std::string_view function);
/// RESET_ABILITIES: CANT_DO of everything.
void on_reset_abilities(world& w, connection_id from);
/// GRAB_JOB, GRAB_JOB_UNIQ and GRAB_JOB_ALL, which differ in what the answer tells.
void on_grab(world& w, connection_id from, protocol::packet_type how);
/// ALL_YOURS: as GRAB_JOB_UNIQ, but when there is no job, the grab stays open until there is one or until PRE_SLEEP takes it
/// back. A connection has one open grab; of a second one the answer is NO_JOB.
void on_all_yours(world& w, connection_id from);
/// Gives the worker the job that it should have now, and tells it as `how`, a grab, asks for. False when there is none.
bool hand_job(world& w, connection_id to, protocol::packet_type how);

/// The time-out that the second argument of CAN_DO_TIMEOUT means, counted in `unit`. As in gearmand it is a second at least,
/// and none when the number is not above 0.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text,
                                                                     std::chrono::milliseconds unit);

}  // namespace sheaf::broker
