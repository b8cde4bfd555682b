#include "broker/work.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/parse_number.hpp"
#include "broker/attachments.hpp"
#include "broker/lifecycle.hpp"
#include "broker/reply.hpp"

namespace sheaf::broker {
namespace {

using protocol::packet_view;
using enum protocol::packet_type;

// What `worker` has of a job that took too long there and is tried again.
slot left_behind(world& w, connection_id worker, std::string_view handle) {
    const auto id = parse_handle(w.how.handle_prefix, handle);
    if (!id) return no_slot;
    const auto links = w.links_in_worker();
    for (slot at = w.connections[worker].running.first; at != no_slot; at = links(at).next) {
        if (std::get<running>(w.jobs[at].phase).stood_for == *id) return at;
    }
    return no_slot;
}

// The job called `handle`, if `worker` has it.
slot job_of(world& w, connection_id worker, std::string_view handle) {
    const slot at = w.find_handle(handle);
    if (at == no_slot) return no_slot;
    const auto* const run = std::get_if<running>(&w.jobs[at].phase);
    return run != nullptr && run->worker == worker ? at : no_slot;
}

// The end of what a worker says of a background job, for whoever reads its dead letter.
void note(job& j, std::string_view text) {
    constexpr std::size_t log_bytes_max = 4096;
    if (!j.background) return;
    if (j.log == nullptr) j.log = std::make_unique<std::string>();
    j.log->append(text.substr(text.size() - std::min(text.size(), log_bytes_max)));
    if (!text.ends_with('\n')) j.log->push_back('\n');
    if (j.log->size() > log_bytes_max) j.log->erase(0, j.log->size() - log_bytes_max);
}

// Sends a packet with data to all clients; large data are shared between them.
template <protocol::packet_type Type>
void relay(world& w, slot at, const packet_view& packet) {
    const auto to_all = [&](const auto& data) {
        for_each_client(w, at, [&](connection_id client) { send<Type>(w, client, packet[0], data); });
    };
    if (packet.owner == nullptr) {
        to_all(packet.data);
    } else {
        to_all(packet.share_data());
    }
}

// As gearmand, which takes what atoi reads for a number without a sign.
std::uint32_t status_number(std::string_view text) {
    return static_cast<std::uint32_t>(leading_number<std::int64_t>(text));
}

void on_status(world& w, slot at, const packet_view& packet) {
    running& run = std::get<running>(w.jobs[at].phase);
    run.numerator = status_number(packet[1]);
    run.denominator = status_number(packet[2]);
    for_each_client(w, at,
                    [&](connection_id client) { send<work_status>(w, client, packet[0], packet[1], packet[2]); });
}

// The worker is done with the job, which has failed.
void fail(world& w, slot at, const attempt_failure& why, const std::optional<shared_bytes>& exception = {}) {
    if (w.jobs[at].background && try_again(w, at, why)) return;
    tell_failure(w, at, exception);
    finish(w, at);
}

void on_exception(world& w, slot at, const packet_view& packet) {
    const shared_bytes data = packet.share_data();
    fail(w, at, {.reason = "its worker reported an exception", .exception = data}, data);
}

// Some workers report a thrown exception and then the failure, which has been told already.
bool repeats_exception(world& w, connection_id from, const packet_view& packet) {
    if (packet.type != work_fail) return false;
    const auto id = parse_handle(w.how.handle_prefix, packet[0]);
    job_id& excepted = w.connections[from].excepted;
    if (!id || *id != excepted) return false;
    excepted = {};
    return true;
}

// gearmand has three sentences for it.
std::string_view not_found(protocol::packet_type type) {
    switch (type) {
        case work_data:
        case work_warning: return "Job does not exist on server";
        case work_exception: return "An exception was received for a job that does not exist";
        default: return "Job given in work result not found";
    }
}

bool is_end(protocol::packet_type type) { return type == work_complete || type == work_fail || type == work_exception; }

void tell(world& w, slot at, const packet_view& packet) {
    switch (packet.type) {
        case work_status: return on_status(w, at, packet);
        case work_data: return relay<work_data>(w, at, packet);
        case work_warning: note(w.jobs[at], packet.data); return relay<work_warning>(w, at, packet);
        case work_exception: return on_exception(w, at, packet);
        case work_complete: relay<work_complete>(w, at, packet); return complete(w, at, packet);
        default: return fail(w, at, {.reason = "its worker reported a failure"});
    }
}

// The job that `packet` is about, or what its worker still has of it. no_slot when there is nothing of the kind: then the worker
// has been told, if it has to be.
slot subject_of(world& w, connection_id from, const packet_view& packet) {
    slot at = job_of(w, from, packet[0]);
    if (at == no_slot) {
        if (repeats_exception(w, from, packet)) return no_slot;
        at = left_behind(w, from, packet[0]);
    }
    if (at == no_slot) {
        send_error(w, from, "JOB_NOT_FOUND", not_found(packet.type));
    } else if (packet.type == work_exception) {
        const job_id left = std::get<running>(w.jobs[at].phase).stood_for;
        w.connections[from].excepted = left == job_id{} ? w.jobs[at].id : left;
    }
    return at;
}

std::string too_large_text(const world& w, const packet_view& start, std::size_t bytes) {
    const std::string_view what = start.type == work_warning ? "a warning" : "a result";
    return "its worker sent " + std::string(what) + " of " + std::to_string(bytes) +
           " bytes, and the server's limit is " + std::to_string(w.how.job_bytes_max) + " (see --payload-max)";
}

}  // namespace

void on_work(world& w, connection_id from, const packet_view& packet) {
    const slot at = subject_of(w, from, packet);
    if (at == no_slot) return;
    if (!is_discarded(w.jobs[at])) return tell(w, at, packet);
    if (is_end(packet.type)) finish(w, at);
}

void on_oversized(world& w, connection_id from, const packet_view& start, std::size_t bytes) {
    const slot at = subject_of(w, from, start);
    if (at == no_slot) return;
    const bool worker_is_done = is_end(start.type);
    if (is_discarded(w.jobs[at])) return worker_is_done ? finish(w, at) : void();
    const std::string reason = too_large_text(w, start, bytes);
    const shared_bytes exception(reason);
    const attempt_failure why{.reason = reason, .exception = exception};
    worker_is_done ? fail(w, at, why, exception) : cut_off(w, at, why);
}

void fail_overdue(world& w) {
    while (!w.deadlines.empty() && w.deadlines.begin()->first <= w.last.steady) {
        cut_off(w, w.jobs.find(w.deadlines.begin()->second),
                {.reason = "its worker took longer than it said it would"});
    }
}

}  // namespace sheaf::broker
