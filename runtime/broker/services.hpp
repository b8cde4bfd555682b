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
/// As an ordinary job, to its client, that ended as soon as it began.
void answer_at_once(world& w, connection_id from, std::string_view data);
/// The same, when the store has all that it was asked to do so far.
void answer_when_written(world& w, connection_id from, std::string_view data);
/// ERROR: that is no way to ask.
void send_invalid(world& w, connection_id from, std::string_view why);
/// Asks that a question be answered with `data` when the store has all that it was asked to do so far.
void ask_whether_written(world& w, service_ticket name, std::string_view data);
/// A question of a peer that on_served() will answer; JOB_CREATED, and what comes behind it, waits for that.
[[nodiscard]] service_ticket open_question_of(world& w, connection_id from);
/// The same, of a line of the text protocol: it is answered with OK, or with an error.
[[nodiscard]] service_ticket open_line_question(world& w, connection_id from);
/// The same as the first, with JOB_CREATED sent at once: the answer may take any time.
[[nodiscard]] service_ticket open_created_question(world& w, connection_id from);
/// Asks the owner for what a run has ended with, in the name of `who`, if that still waits.
void ask_for_outcome(world& w, const run& r, const run_taker& who);
/// `job` has ended before the store answered for it: the acknowledgement that `hold` keeps back waits for that answer alone.
void await_store(world& w, connection_id from, std::uint64_t hold, job_id job);
/// The store has answered for `job`: so much for those who still waited for that, though the job had ended.
void answer_for_ended(world& w, job_id job, const acknowledgement& outcome);
/// The owner has answered a question.
void on_served(world& w, service_ticket name, const service_answer& answer);
/// The peer is gone: nobody waits for the answers to its questions.
void forget_questions(world& w, connection_id from);

}  // namespace sheaf::broker
