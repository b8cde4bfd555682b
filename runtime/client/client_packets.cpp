// What servers say: each packet finds the calls that it is for.
#include <utility>
#include <xxhash.h>

#include "base/parse_number.hpp"
#include "client/client_core.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;

errc code_of(std::string_view server_code) {
    if (server_code == "QUEUE_ERROR") return errc::queue_full;
    if (server_code == "ARGUMENT_TOO_LARGE") return errc::too_large;
    if (server_code == "INVALID_ARGUMENT") return errc::invalid_argument;
    if (server_code == "UNKNOWN_JOB") return errc::unknown_job;
    if (server_code == "RESULT_GONE") return errc::result_gone;
    return errc::server_error;
}

bool ends_job(packet_type type) {
    return type == packet_type::work_complete || type == packet_type::work_fail || type == packet_type::work_exception;
}

}  // namespace

std::size_t client_core::handle_hash::operator()(std::string_view handle) const noexcept {
    return XXH3_64bits(handle.data(), handle.size());
}

void client_core::packet(std::size_t server, const protocol::packet_view& packet, time_point now) {
    servers_[server].link.heard();
    if (packet.way != protocol::direction::response)
        return break_off(server, {errc::protocol_error, "it sent a request"}, now);
    switch (packet.type) {
        case packet_type::job_created: return on_created(server, packet[0], now);
        case packet_type::work_data:
        case packet_type::work_warning:
        case packet_type::work_status:
        case packet_type::work_complete:
        case packet_type::work_fail:
        case packet_type::work_exception: return on_work(server, packet, now);
        case packet_type::error: return on_error(server, packet[0], packet[1], now);
        case packet_type::option_res: return on_option(server, now);
        case packet_type::status_res:
        case packet_type::status_res_unique:
            queries_.on_status(server, packet, [this](query_id id) { return server_for(id) < servers_.size(); });
            return route_queries(now);
        case packet_type::echo_res: return queries_.on_echo(server, packet.data);
        default: return;  // Something for workers, or newer than we are: no harm in it.
    }
}

void client_core::line(std::size_t server, std::string_view line) {
    servers_[server].link.heard();
    queries_.on_line(server, line);
}

void client_core::on_created(std::size_t server, std::string_view handle, time_point now) {
    server_state& s = servers_[server];
    // A server that knows no options need not answer them.
    while (!s.expected.empty() && s.expected.front().submission == no_call) take_option(s, false, now);
    if (s.expected.empty()) {
        return break_off(server, {errc::protocol_error, "it sent JOB_CREATED for a job that nobody submitted"}, now);
    }
    const call_index which = s.expected.front().submission;
    s.expected.pop_front();

    call& c = calls_[which];
    c.handle.assign(handle);
    c.stage = call_stage::created;
    if (!c.is_ghost()) c.listener->on_created(c.tag, handle);
    if (c.request.background) return end(which, {job_end::kind::complete, {}, {}});
    if (c.is_ghost() && c.request.withdraw) take_from_queue(which);
    if (c.is_ghost() && c.request.unique.empty()) return end(which, {});
    const auto [first, is_new] = s.handles.insert(which);
    if (is_new) {
        c.turn = which;
    } else {
        call& head = calls_[*first];
        c.next_of_handle = std::exchange(head.next_of_handle, which);
    }
}

void client_core::on_error(std::size_t server, std::string_view code, std::string_view text, time_point now) {
    server_state& s = servers_[server];
    if (s.expected.empty()) return;  // The answer to nothing that somebody waits for.
    if (s.expected.front().submission == no_call) return take_option(s, false, now);
    const expectation e = s.expected.front();
    s.expected.pop_front();
    std::string why =
        s.link.name() + " refused the " + describe(e.submission) + ": " + std::string(code) + ": " + std::string(text);
    end_or_retry(e.submission, {job_end::kind::not_run, {}, {code_of(code), std::move(why)}}, now);
}

void client_core::on_option(std::size_t server, time_point now) {
    server_state& s = servers_[server];
    if (!s.expected.empty() && s.expected.front().submission == no_call) take_option(s, true, now);
}

// The server has answered the question that is next.
void client_core::take_option(server_state& of, bool granted, time_point now) {
    const expectation asked = of.expected.front();
    of.expected.pop_front();
    if (!asked.asks_make) return queries_.on_option(asked.option, granted);
    of.make = granted ? server_make::sheaf : server_make::other;
    route_waiting(now);
}

// Each packet of a job comes once for every submission that shares it, one copy after the other. Copies of what a job
// sends on its way go to the calls in turn; its end goes to all at once, and finds nobody when it is repeated.
void client_core::on_work(std::size_t server, const protocol::packet_view& packet, time_point now) {
    handle_set& handles = servers_[server].handles;
    const auto found = handles.find(packet[0]);
    if (found == handles.end()) return;
    const call_index first = *found;
    if (ends_job(packet.type)) {
        handles.erase(found);
        return on_work_end(first, packet, now);
    }
    call& head = calls_[first];
    call& to = calls_[head.turn];
    head.turn = to.next_of_handle == no_call ? first : to.next_of_handle;
    if (!to.is_ghost()) deliver(to, packet);
}

void client_core::on_work_end(call_index first, const protocol::packet_view& packet, time_point now) {
    const auto how = packet.type == packet_type::work_complete ? job_end::kind::complete
                     : packet.type == packet_type::work_fail   ? job_end::kind::failed
                                                               : job_end::kind::exception;
    const shared_bytes data = packet.share_data();
    for (call_index which = first; which != no_call;) {
        const call_index next = calls_[which].next_of_handle;
        end_or_retry(which, {how, data, {}}, now);
        which = next;
    }
}

void client_core::deliver(call& to, const protocol::packet_view& packet) {
    if (packet.type == packet_type::work_data) return to.listener->on_data(to.tag, packet.share_data());
    if (packet.type == packet_type::work_warning) return to.listener->on_warning(to.tag, packet.share_data());
    const auto numerator = parse_number<std::uint64_t>(packet[1]);
    const auto denominator = parse_number<std::uint64_t>(packet[2]);
    // Other languages send what they like here; what is no number is no progress.
    if (numerator && denominator) to.listener->on_status(to.tag, *numerator, *denominator);
}

// The server does not keep to the protocol, or does not answer: nothing it says later could be trusted.
void client_core::break_off(std::size_t server, const error& why, time_point now) {
    out_.close(server, why);
    lose(server, why, now);
}

}  // namespace sheaf::runtime
