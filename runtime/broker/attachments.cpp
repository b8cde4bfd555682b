#include "broker/attachments.hpp"

#include "broker/lifecycle.hpp"
#include "broker/planted_bug.hpp"
#include "broker/reply.hpp"
#include "broker/services.hpp"

namespace sheaf::broker {
namespace {

void attach(world& w, attachment added) {
    const slot at = w.attachments.insert(added);
    job& j = w.jobs[added.job];
    push_back(j.attachments, at, w.links_in_job());
    push_back(w.connections[added.connection].attachments, at, w.links_in_connection());
    if (added.role != attachment_role::waiting_background) ++j.clients;
}

void detach(world& w, slot at) {
    const attachment& gone = w.attachments[at];
    job& j = w.jobs[gone.job];
    if (gone.role != attachment_role::waiting_background) --j.clients;
    remove(j.attachments, at, w.links_in_job());
    remove(w.connections[gone.connection].attachments, at, w.links_in_connection());
    w.attachments.erase(at);
}

void send_created(world& w, slot j, connection_id to) {
    send<protocol::packet_type::job_created>(w, to, w.handle_of(w.jobs[j]));
}

// A client that is told at once would only be woken for nothing: the job's answer is on the way when it goes on.
bool may_come_late(world& w, const job& j, connection_id to) {
    const connection& client = w.connections[to];
    return client.late_created && client.holds.empty() && !w.draining && !w.functions[j.function].open_grabs.empty();
}

// Settles what one attachment waits for; a background submission has no further business with the job.
void settle(world& w, slot at, const acknowledgement& outcome) {
    attachment& a = w.attachments[at];
    if (a.role == attachment_role::client) return;
    const connection_id to = a.connection;
    const std::uint64_t ticket = a.ticket;
    if (a.role == attachment_role::waiting_background) {
        detach(w, at);
    } else {
        a.role = attachment_role::client;
    }
    resolve_hold(w, to, ticket, outcome);
}

}  // namespace

void attach_client(world& w, slot j, connection_id client) {
    attachment added{.job = j, .connection = client, .in_job = {}, .in_connection = {}};
    if (std::holds_alternative<uncommitted>(w.jobs[j].phase)) {
        added.role = attachment_role::waiting_client;
        added.ticket = w.connections[client].holds.hold();
    } else if (may_come_late(w, w.jobs[j], client)) {
        protocol::write_response<protocol::packet_type::job_created>(w.effects.late_frame(client),
                                                                     w.handle_of(w.jobs[j]));
    } else {
        send_created(w, j, client);
    }
    if (is_planted(planted_bug::forgotten_client) && std::holds_alternative<running>(w.jobs[j].phase)) return;
    attach(w, added);
}

void acknowledge_background(world& w, slot j, connection_id submitter) {
    if (w.jobs[j].kept == durability::stored) return send_created(w, j, submitter);
    attach(w, {.job = j,
               .connection = submitter,
               .in_job = {},
               .in_connection = {},
               .role = attachment_role::waiting_background,
               .ticket = w.connections[submitter].holds.hold()});
}

void acknowledge_waiting(world& w, slot j) {
    const acknowledged yes{w.jobs[j].id};
    for (slot at = w.jobs[j].attachments.first; at != no_slot;) {
        const slot next = w.attachments[at].in_job.next;
        settle(w, at, yes);
        at = next;
    }
}

void settle_ended(world& w, slot j) {
    if (w.jobs[j].kept == durability::storing) {
        for (slot at = w.jobs[j].attachments.first; at != no_slot;) {
            const slot next = w.attachments[at].in_job.next;
            const attachment& a = w.attachments[at];
            if (a.role == attachment_role::waiting_background) {
                const connection_id to = a.connection;
                const std::uint64_t hold = a.ticket;
                detach(w, at);
                await_store(w, to, hold, w.jobs[j].id);
            }
            at = next;
        }
    }
    acknowledge_waiting(w, j);
}

void refuse_waiting(world& w, slot j, std::string_view why) {
    const acknowledged yes{w.jobs[j].id};
    const refused no{std::string(why)};
    for (slot at = w.jobs[j].attachments.first; at != no_slot;) {
        const slot next = w.attachments[at].in_job.next;
        if (w.attachments[at].role == attachment_role::waiting_background) {
            settle(w, at, no);
        } else {
            settle(w, at, yes);
        }
        at = next;
    }
}

void detach_all(world& w, slot j) {
    settle_ended(w, j);
    while (!w.jobs[j].attachments.empty()) detach(w, w.jobs[j].attachments.first);
}

void detach_connection(world& w, connection_id connection) {
    while (!w.connections[connection].attachments.empty()) {
        const slot at = w.connections[connection].attachments.first;
        const slot j = w.attachments[at].job;
        detach(w, at);
        drop_if_unwanted(w, j);
    }
}

}  // namespace sheaf::broker
