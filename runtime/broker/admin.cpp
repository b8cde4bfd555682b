#include "broker/admin.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "broker/absentees.hpp"
#include "broker/lifecycle.hpp"
#include "broker/reply.hpp"
#include "broker/services.hpp"
#include "protocol/admin.hpp"

namespace sheaf::broker {
namespace {

namespace admin = protocol::admin;
using protocol::output_buffer;

bool may_shut_down(const world& w, const connection& peer) {
    switch (w.how.shutdown) {
        case shutdown_right::nobody: return false;
        case shutdown_right::unix_sockets: return peer.address == "unix";
        case shutdown_right::everyone: return true;
    }
    return false;
}

// As the Perl server names who runs a job, and "-" when nobody does.
std::string worker_of(const world& w, const job& j) {
    const auto* const run = std::get_if<running>(&j.phase);
    if (run == nullptr) return "-";
    const connection& worker = w.connections[run->worker];
    return worker.address + ':' + std::to_string(worker.descriptor);
}

struct answer {
    world& w;
    connection_id from;
    output_buffer& out;

    void operator()(const admin::status&) const {
        w.functions.for_each([&](slot, const function& f) {
            admin::append_status(out, f.name, {.total = f.total(), .running = f.running, .workers = f.workers});
        });
        admin::append_end(out);
    }

    void operator()(const admin::priority_status&) const {
        w.functions.for_each([&](slot, const function& f) {
            admin::append_priority_status(out, f.name, {f.waiting[0], f.waiting[1], f.waiting[2]}, f.workers);
        });
        admin::append_end(out);
    }

    void operator()(const admin::workers&) const {
        std::vector<std::string_view> functions;
        w.connections.for_each([&](connection_id, const connection& peer) {
            functions.clear();
            for (const slot a : peer.abilities) functions.push_back(w.functions[w.abilities[a].function].name);
            std::ranges::reverse(functions);  // gearmand's order: the last one that was offered comes first
            admin::append_worker(out, peer.descriptor, peer.address, peer.client_id, functions);
        });
        admin::append_end(out);
    }

    void operator()(const admin::show_jobs&) const {
        w.jobs.for_each([&](slot, const job& j) {
            admin::append_job(out, w.handle_of(j), j.retries, is_discarded(j) || !is_wanted(j), j.background);
        });
        admin::append_end(out);
    }

    void operator()(const admin::show_unique_jobs&) const {
        w.jobs.for_each([&](slot, const job& j) { admin::append_unique(out, j.unique); });
        admin::append_end(out);
    }

    void operator()(const admin::cancel_job& which) const {
        const auto id = parse_handle(w.how.handle_prefix, which.handle);
        const bool is_absent = id && w.absent.find(*id);
        const slot at = w.find_handle(which.handle);
        if (!is_absent && (at == no_slot || is_discarded(w.jobs[at]))) return admin::append_unknown_job(out);
        if (!is_absent && w.jobs[at].kept == durability::memory) {
            admin::append_ok(out);
            return cancel(w, at);
        }
        // Its place among the replies comes before what its clients hear, the question after what the store is told.
        const service_ticket name = open_line_question(w, from);
        is_absent ? drop_absent(w, *id) : cancel(w, at);
        ask_whether_written(w, name, {});
    }

    void operator()(const admin::max_queue& what) const {
        const slot at = w.functions.find(what.function);
        if (at != no_slot) w.functions[at].limits = what.limits;
        admin::append_ok(out);
    }

    void operator()(const admin::create_function& what) const {
        w.functions.intern(what.function);
        admin::append_ok(out);
    }

    void operator()(const admin::drop_function& what) const {
        const slot at = w.functions.find(what.function);
        if (at == no_slot) return admin::append_function_not_found(out);
        if (w.functions[at].workers != 0 || w.functions[at].total() != 0) return admin::append_function_in_use(out);
        w.functions.erase(at);
        admin::append_ok(out);
    }

    void operator()(const admin::get_pid&) const { admin::append_ok_line(out, std::to_string(w.how.process_id)); }
    void operator()(const admin::verbose&) const { admin::append_ok_line(out, w.how.verbosity); }
    void operator()(const admin::version&) const { admin::append_ok_line(out, w.how.version); }
    // Who may not stop the server hears what gearmand, which has no such command any more, tells everyone.
    void operator()(const admin::shutdown& what) const {
        if (!may_shut_down(w, w.connections[from])) return admin::append_unknown_command(out, what.word);
        admin::append_ok(out);
        w.effects.shut_down(what.graceful);
    }

    void operator()(const admin::perl_jobs&) const {
        w.jobs.for_each([&](slot, const job& j) {
            admin::append_perl_job(out, w.functions[j.function].name, j.unique, worker_of(w, j), j.clients);
        });
        admin::append_end(out);
    }

    void operator()(const admin::perl_clients&) const {
        w.connections.for_each([&](connection_id, const connection& peer) {
            admin::append_perl_client(out, peer.address, peer.descriptor);
            for (slot a = peer.attachments.first; a != no_slot; a = w.attachments[a].in_connection.next) {
                const job& j = w.jobs[w.attachments[a].job];
                admin::append_perl_client_job(out, w.functions[j.function].name, j.unique, worker_of(w, j));
            }
        });
        admin::append_end(out);
    }
    void operator()(const admin::malformed& what) const { out.append(what.reply); }
};

}  // namespace

void on_admin_line(world& w, connection_id from, std::string_view line) {
    std::visit(answer{w, from, out(w, from)}, protocol::parse_admin(line));
}

}  // namespace sheaf::broker
