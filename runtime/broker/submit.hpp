// Clients' side of the protocol: submissions, and what the store answers to them.
#pragma once

#include "broker/world.hpp"

namespace sheaf::broker {

/// One of the eight ways to submit a job that gearmand knows.
void on_submit(world& w, connection_id from, const protocol::packet_view& packet);
/// SUBMIT_JOB_EPOCH: a background job for a time of day.
void on_submit_epoch(world& w, connection_id from, const protocol::packet_view& packet);
/// SUBMIT_JOB_SCHED: a background job for the next time that a calendar names.
void on_submit_sched(world& w, connection_id from, const protocol::packet_view& packet);

void on_stored(world& w, job_id id);
/// As on_stored(), of a job whose payload the store has made.
void on_gathered(world& w, job_id id, const shared_bytes& payload);
void on_store_failed(world& w, job_id id, std::string_view why);
void on_restore(world& w, const job_record& record);
/// False when a job is here with the letter's number or unique key.
[[nodiscard]] bool on_revive(world& w, const job_record& letter);

/// Scheduled jobs whose time has come become runnable.
void release_due(world& w);

/// A background submission by `sheaf.enqueue`: `what`, with a payload and terms of its own.
void submit_with_terms(world& w, connection_id from, const protocol::submission& what, const shared_bytes& payload,
                       wall_time run_at, const job_terms& terms);

}  // namespace sheaf::broker
