// The functions that the server answers itself: jobs for which no worker is needed, and which every Gearman client can submit.
#pragma once

#include <string_view>

#include "broker/world.hpp"
#include "protocol/packet.hpp"

namespace sheaf::broker {

/// Whether jobs of `function` are the server's own.
[[nodiscard]] bool is_service(std::string_view function) noexcept;

/// A peer has submitted a job of such a function.
void on_service(world& w, connection_id from, const protocol::submission& what, const protocol::packet_view& packet);
/// The owner has answered a question.
void on_served(world& w, service_ticket name, const service_answer& answer);
/// The peer is gone: nobody waits for the answers to its questions.
void forget_questions(world& w, connection_id from);

}  // namespace sheaf::broker
