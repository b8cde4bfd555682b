#include "broker/core.hpp"

#include <algorithm>
#include <cctype>

#include "broker/abilities.hpp"
#include "broker/admin.hpp"
#include "broker/attachments.hpp"
#include "broker/backlog.hpp"
#include "broker/invariants.hpp"
#include "broker/limits.hpp"
#include "broker/reply.hpp"
#include "broker/runs.hpp"
#include "broker/services.hpp"
#include "broker/status.hpp"
#include "broker/submit.hpp"
#include "broker/wake.hpp"
#include "broker/work.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::broker {
namespace {

using protocol::packet_view;
using enum protocol::packet_type;

void check(const options& how) {
    if (how.handle_prefix.size() > handle_prefix_size_max) {
        throw runtime_failure(
            {errc::invalid_argument, "the prefix of job handles, \"" + how.handle_prefix + "\", is longer than " +
                                         std::to_string(handle_prefix_size_max) + " bytes; choose a shorter one"});
    }
    if (how.handle_prefix.find('\0') != std::string::npos || how.first_job.value() == 0) {
        throw runtime_failure(
            {errc::invalid_argument, "a job handle has no NUL in its prefix, and its number is above 0"});
    }
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void on_option(world& w, connection_id from, std::string_view option) {
    if (option.size() > option_size_max) return send_too_large(w, from, "option", option_size_max);
    if (equals_ignoring_case(option, "exceptions")) {
        w.connections[from].exceptions = true;
    } else if (equals_ignoring_case(option, "late-created")) {
        w.connections[from].late_created = true;
    } else if (equals_ignoring_case(option, "leaving")) {
        w.connections[from].leaves = true;
    } else if (!equals_ignoring_case(option, "sheaf")) {
        return send_error(w, from, "UNKNOWN_OPTION", "Server does not recognize given option");
    }
    send<option_res>(w, from, option);
}

void on_echo(world& w, connection_id from, const packet_view& packet) {
    if (packet.owner == nullptr) {
        send<echo_res>(w, from, packet.data);
    } else {
        send<echo_res>(w, from, packet.share_data());
    }
}

void on_packet(world& w, connection_id from, const packet_view& packet) {
    switch (packet.type) {
        case submit_job:
        case submit_job_bg:
        case submit_job_high:
        case submit_job_high_bg:
        case submit_job_low:
        case submit_job_low_bg:
        case submit_reduce_job:
        case submit_reduce_job_background: return on_submit(w, from, packet);
        case submit_job_epoch: return on_submit_epoch(w, from, packet);
        case submit_job_sched: return on_submit_sched(w, from, packet);
        case grab_job:
        case grab_job_uniq:
        case grab_job_all: return on_grab(w, from, packet.type);
        case work_status:
        case work_complete:
        case work_fail:
        case work_exception:
        case work_data:
        case work_warning: return on_work(w, from, packet);
        case all_yours: return on_all_yours(w, from);
        case pre_sleep: return fall_asleep(w, from);
        case can_do: return on_can_do(w, from, packet[0], std::nullopt);
        case can_do_timeout: return on_can_do(w, from, packet[0], parse_timeout(packet[1], w.how.timeout_unit));
        case cant_do: return on_cant_do(w, from, packet[0]);
        case reset_abilities: return on_reset_abilities(w, from);
        case get_status: return on_get_status(w, from, packet[0]);
        case get_status_unique: return on_get_status_unique(w, from, packet[0]);
        case echo_req: return on_echo(w, from, packet);
        case option_req: return on_option(w, from, packet[0]);
        case set_client_id: w.connections[from].client_id = packet[0].substr(0, client_id_size_max); return;
        default: return send_error(w, from, "INVALID_COMMAND", "Command not expected");
    }
}

}  // namespace

struct core::state : world {
    using world::world;
};

core::core(options how, sink& effects) {
    check(how);
    state_ = std::make_unique<state>(std::move(how), effects);
}

core::~core() = default;

void core::connected(connection_id connection, std::string_view address, int descriptor) {
    broker::connection added;
    added.address = address;
    added.descriptor = descriptor;
    added.exceptions = state_->how.exceptions_by_default;
    state_->connections.insert(connection, std::move(added));
}

void core::disconnected(connection_id connection, instant now) {
    world& w = *state_;
    w.last = now;
    wake_up(w, connection);
    // As a client first: a job that only this peer wanted must not be queued again when it is also its worker.
    detach_connection(w, connection);
    forget_questions(w, connection);
    on_reset_abilities(w, connection);
    w.connections.erase(connection);
    wake_refilled(w);
}

void core::packet(connection_id connection, const packet_view& packet, instant now) {
    world& w = *state_;
    w.last = now;
    if (packet.way == protocol::direction::response) {
        return send_error(w, connection, "INVALID_MAGIC", "Request magic expected");
    }
    on_packet(w, connection, packet);
    wake_refilled(w);
}

void core::oversized(connection_id connection, const packet_view& start, std::size_t bytes, instant now) {
    world& w = *state_;
    w.last = now;
    if (start.way == protocol::direction::response) {
        return send_error(w, connection, "INVALID_MAGIC", "Request magic expected");
    }
    on_oversized(w, connection, start, bytes);
    wake_refilled(w);
}

void core::line(connection_id connection, std::string_view text, instant now) {
    state_->last = now;
    on_admin_line(*state_, connection, text);
    wake_refilled(*state_);
}

void core::stored(job_id job, instant now) {
    state_->last = now;
    on_stored(*state_, job);
    wake_refilled(*state_);
}

void core::gathered(job_id job, const shared_bytes& payload, instant now) {
    state_->last = now;
    on_gathered(*state_, job, payload);
}

void core::store_failed(job_id job, std::string_view why, instant now) {
    state_->last = now;
    on_store_failed(*state_, job, why);
    wake_refilled(*state_);
}

void core::served(service_ticket name, const service_answer& answer, instant now) {
    state_->last = now;
    on_served(*state_, name, answer);
}

void core::restore_run(const restored_run& known, instant now) {
    state_->last = now;
    on_restore_run(*state_, known);
}

void core::restore(const job_record& record, instant now) {
    state_->last = now;
    on_restore(*state_, record);
    wake_refilled(*state_);
}

bool core::revive(const job_record& letter, instant now) {
    state_->last = now;
    return on_revive(*state_, letter);
}

void core::loaded(load_ticket name, std::span<const job_record> rows, instant now) {
    state_->last = now;
    on_loaded(*state_, name, rows);
    wake_refilled(*state_);
}

void core::load_failed(load_ticket name, instant now) {
    state_->last = now;
    on_load_failed(*state_, name);
}

void core::tick(instant now) {
    state_->last = now;
    retry_loads(*state_);
    release_due(*state_);
    forget_ended_runs(*state_);
    fail_overdue(*state_);
    lose_patience(*state_);
    wake_refilled(*state_);
}

std::optional<steady_time> core::next_deadline() const {
    world& w = *state_;
    std::optional<steady_time> next;
    const auto consider = [&](steady_time at) { next = next ? std::min(*next, at) : at; };
    if (!w.deadlines.empty()) consider(w.deadlines.begin()->first);
    if (!w.woken_connections.empty()) {
        consider(std::get<woken>(w.connections[connection_id{w.woken_connections.first}].sleep).patience_ends);
    }
    const auto consider_wall = [&](wall_time at) {
        const auto wait = std::max(at - w.last.wall, wall_time::duration::zero());
        consider(w.last.steady + std::min<wall_time::duration>(wait, w.how.wall_clock_patience));
    };
    if (!w.schedule.empty()) consider_wall(w.schedule.begin()->first);
    if (!w.absent_schedule.empty()) consider_wall(w.absent_schedule.front().first);
    if (w.load_again) consider(*w.load_again);
    return next;
}

void core::hold_background(bool held, instant now) {
    state_->last = now;
    broker::hold_background(*state_, held);
}

void core::begin_end() { state_->ending = true; }

void core::begin_drain(instant now) {
    state_->last = now;
    state_->draining = true;
}

bool core::idle() const noexcept { return state_->jobs_running == 0; }

core::totals core::count() const noexcept {
    const world& w = *state_;
    return {.connections = w.connections.size(),
            .functions = w.functions.size(),
            .queued = w.jobs.size() - w.jobs_running + w.absent.size(),
            .running = w.jobs_running};
}

void core::check_invariants() const { broker::check_invariants(*state_); }

}  // namespace sheaf::broker
