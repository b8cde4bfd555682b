// Where calls and queries go, and what happens when servers come and go.
#include "client/client_core.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "client/submission.hpp"
#include "protocol/encode.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;
using protocol::write_request;

constexpr std::string_view keepalive_text = "sheaf keepalive";
constexpr std::string_view sheaf_option = "sheaf";

job_end not_run(errc code, std::string message) { return {job_end::kind::not_run, {}, {code, std::move(message)}}; }

}  // namespace

client_core::client_core(const client_options& how, client_sink& out, peer::random_source random)
    : how_(how), out_(out), random_(std::move(random)), choice_(server_choice::of(how.servers)) {
    SHEAF_ASSERT(!how.servers.empty(), "a client has at least one server");
    const peer::link_options link{how.backoff_min, how.backoff_max, how.keepalive_silence, how.keepalive_timeout};
    servers_.reserve(how.servers.size());
    for (const endpoint& server : how.servers) servers_.emplace_back(to_string(server), link, calls_);
}

// ---- Inputs from the user.

void client_core::submit(call_id id, job_request request, std::shared_ptr<job_listener> listener, std::uint64_t tag,
                         time_point now) {
    if (shut_down_) return listener->on_end(tag, not_run(errc::shutting_down, "the client has been shut down"));
    if (cancelled_) return listener->on_end(tag, not_run(errc::cancelled, "all calls of this client were cancelled"));
    if (auto bad = prepare(request, how_)) return listener->on_end(tag, {job_end::kind::not_run, {}, std::move(*bad)});
    if (request.deadline && *request.deadline <= now) {
        return listener->on_end(tag, not_run(errc::timeout, "the deadline of the job of '" + request.function +
                                                                "' had passed before it was submitted"));
    }
    const call_index which = calls_.add(id);
    call& c = calls_[which];
    c.request = std::move(request);
    c.listener = std::move(listener);
    c.tag = tag;
    c.stage = call_stage::unsent;
    calls_.watch(which);
    route(which, now);
}

void client_core::ask(query asked, time_point now) {
    if (shut_down_) return asked.done(error{errc::shutting_down, "the client has been shut down"});
    if (auto bad = refuse_query(asked)) return asked.done(std::move(*bad));
    queries_.add(std::move(asked));
    route_queries(now);
}

// ---- Where calls and queries go.

// `server`, on which a connect has begun if it was idle.
std::size_t client_core::want(std::size_t server) {
    if (server < servers_.size() && servers_[server].link.now_in() == peer::server_link::phase::idle) {
        servers_[server].link.connecting();
        out_.connect(server);
    }
    return server;
}

// Connected ones first; then those that are being tried for the first time; then those nobody has needed yet.
std::size_t client_core::first_reachable() {
    using phase = peer::server_link::phase;
    for (const phase wanted : {phase::connected, phase::connecting, phase::idle}) {
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            if (servers_[i].link.now_in() == wanted) return want(i);
        }
    }
    return servers_.size();
}

// A server that failed is not waited for: its keys go to the next one until it is back.
std::size_t client_core::choose_server(const job_request& request) {
    if (request.server) return servers_[*request.server].link.has_hope() ? want(*request.server) : servers_.size();
    if (servers_.size() == 1) return servers_[0].link.has_hope() ? want(0) : 1;
    if (request.unique.empty()) return first_reachable();
    const std::uint64_t key = server_choice::key(request.function, request.unique, request.payload.view());
    return want(choice_.pick(key, [this](std::size_t i) { return servers_[i].link.has_hope(); }));
}

void client_core::route(call_index which, time_point now) {
    const job_request& request = calls_[which].request;
    const std::size_t server = choose_server(request);
    if (server < servers_.size() && servers_[server].link.is_connected()) {
        if (may_send(which, server, now)) return send(which, server, now);
        if (servers_[server].make == server_make::other) return end_elsewhere(which, server);
    }
    if (request.only_if_there && request.server && server == servers_.size()) {
        const peer::server_link& link = servers_[*request.server].link;
        return end_not_run(which, errc::connection_failed,
                           link.name() + " cannot be reached: " + link.last_error().message);
    }
    await_server(which, now);
}

void client_core::await_server(call_index which, time_point now) {
    call& c = calls_[which];
    if (c.request.server && !c.request.deadline && c.wake_at == call::never) {
        c.wake_at = now + how_.away_timeout;
        calls_.watch(which);
    }
    if (unreachable_at_ == peer::never && !any_connected()) unreachable_at_ = now + how_.unreachable_timeout;
    waiting_.push_back({which, c.id});
}

// Another server would take a job for Sheaf's own like any other, and keep it until a worker offers the function.
bool client_core::may_send(call_index which, std::size_t server, time_point now) {
    const job_request& request = calls_[which].request;
    server_state& s = servers_[server];
    if (!(request.of_server || request.terms) || s.make == server_make::sheaf) return true;
    if (s.make != server_make::unasked) return false;
    write_request<packet_type::option_req>(out_.output(server), sheaf_option);
    s.expected.push_back({no_call, 0, true});
    s.make = server_make::asked;
    s.link.watch(now);
    return false;
}

void client_core::end_elsewhere(call_index which, std::size_t server) {
    const job_request& request = calls_[which].request;
    const std::string what = request.terms ? "takes no terms (delay, attempts, keep) with a job of '" +
                                                 request.function + "'. Leave them out, or"
                                           : "does not answer " + request.function + ":";
    end_not_run(
        which, errc::not_supported,
        servers_[server].link.name() + " is not Sheaf's own server, and " + what + " run sheafd --data-dir DIR there");
}

void client_core::route_waiting(time_point now) {
    std::vector<waiting_call> waiting;
    waiting.swap(waiting_);
    for (const waiting_call& w : waiting) {
        if (is_waiting(w)) route(w.which, now);
    }
    route_queries(now);
}

// The server that a query is for: a status is asked of the one that made the handle, if any did, then of all others.
std::size_t client_core::server_for(query_id id) {
    const query& asked = queries_[id];
    if (asked.only_server) return want(*asked.only_server);
    if (!asked.goes_round()) return first_reachable();
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        const bool made_it =
            asked.what == query::kind::status && servers_[i].handles.contains(std::string_view(asked.text));
        if (made_it && !queries_.was_asked(id, i)) return i;
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (!queries_.was_asked(id, i) && servers_[i].link.has_hope()) return want(i);
    }
    return servers_.size();
}

void client_core::route_queries(time_point now) {
    if (queries_.empty()) return;
    for (const query_id id : queries_.unsent()) {
        const std::size_t server = server_for(id);
        if (server == servers_.size() || !servers_[server].link.is_connected()) continue;
        const bool is_option = queries_[id].what == query::kind::option;
        queries_.send(id, server, out_.output(server));
        if (is_option) servers_[server].expected.push_back({no_call, id});
        servers_[server].link.watch(now);
    }
}

void client_core::send(call_index which, std::size_t server, time_point now) {
    call& c = calls_[which];
    c.server = static_cast<std::uint32_t>(server);
    c.stage = call_stage::submitted;
    write_submission(out_.output(server), c.request);
    if (!c.may_be_sent_again()) c.request.payload = {};
    const auto wake_at = c.request.try_timeout.count() > 0 ? now + c.request.try_timeout : call::never;
    if (std::exchange(c.wake_at, wake_at) != wake_at) calls_.watch(which);
    servers_[server].expected.push_back({which, 0});
    servers_[server].link.watch(now);
}

bool client_core::is_waiting(const waiting_call& w) const noexcept {
    return calls_.find(w.id) == w.which && calls_[w.which].stage == call_stage::unsent;
}

bool client_core::any_connected() const noexcept {
    return std::any_of(servers_.begin(), servers_.end(), [](const server_state& s) { return s.link.is_connected(); });
}

bool client_core::is_busy(std::size_t server) const noexcept {
    return !servers_[server].expected.empty() || !servers_[server].handles.empty() || queries_.waits_for(server);
}

// ---- Servers come and go.

void client_core::connected(std::size_t server, time_point now) {
    server_state& s = servers_[server];
    s.link.connected(now);
    s.was_there = true;
    unreachable_at_ = peer::never;
    protocol::output_buffer& out = out_.output(server);
    if (!how_.id.empty()) write_request<packet_type::set_client_id>(out, how_.id);
    // Without it, gearmand turns a handler's exception into a mere failure.
    write_request<packet_type::option_req>(out, std::string_view("exceptions"));
    s.expected.push_back({no_call, 0});
    // Where a job has begun at once, JOB_CREATED may come together with its end: one wake-up less.
    write_request<packet_type::option_req>(out, std::string_view("late-created"));
    s.expected.push_back({no_call, 0});
    s.link.watch(now);
    route_waiting(now);
}

void client_core::connect_failed(std::size_t server, const error& why, time_point now) {
    servers_[server].link.lost(why, now, random_);
    queries_.unreachable(server, why);
    route_waiting(now);
}

void client_core::disconnected(std::size_t server, const error& why, time_point now) { lose(server, why, now); }

// The connection is gone. Calls that may run twice are submitted again; the others end, since nobody knows what became of
// them.
void client_core::lose(std::size_t server, const error& why, time_point now) {
    servers_[server].link.lost(why, now, random_);
    const std::vector<call_index> out = calls_out_at(server);
    servers_[server].expected.clear();
    servers_[server].make = server_make::unasked;
    servers_[server].handles.clear();
    queries_.lost(server,
                  {why.code, "the connection to " + servers_[server].link.name() + " was lost: " + why.message});
    for (const call_index which : out) {
        call& c = calls_[which];
        if (c.is_ghost()) {
            calls_.release(which);
        } else if (c.request.resubmit) {
            c.stage = call_stage::unsent;
            c.wake_at = call::never;
            c.handle.clear();
            c.next_of_handle = c.turn = no_call;
            calls_.watch(which);
            route(which, now);
        } else {
            end_or_retry(which,
                         not_run(errc::connection_lost, "the connection to " + servers_[server].link.name() +
                                                            " was lost (" + why.message + ") while the " +
                                                            describe(which) + " was out; it may or may not have run"),
                         now);
        }
    }
    route_waiting(now);
}

// All calls that wait for something of `server`, ghosts too, in the order of submission.
std::vector<call_index> client_core::calls_out_at(std::size_t server) {
    std::vector<call_index> out;
    for (const expectation& e : servers_[server].expected) {
        if (e.submission != no_call) out.push_back(e.submission);
    }
    for (call_index which : servers_[server].handles) {
        for (; which != no_call; which = calls_[which].next_of_handle) out.push_back(which);
    }
    std::sort(out.begin(), out.end(), [this](call_index a, call_index b) { return calls_[a].id < calls_[b].id; });
    return out;
}

// ---- Time.

void client_core::tick(time_point now) {
    while (calls_.first_deadline() <= now) on_due(calls_.first_due(), now);
    queries_.expire(now);
    for (std::size_t i = 0; i < servers_.size(); ++i) look_after(i, now);
    if (now >= unreachable_at_) give_up_unreachable();
}

void client_core::look_after(std::size_t server, time_point now) {
    peer::server_link& link = servers_[server].link;
    if (link.attempt_is_due(now)) {
        const bool needed = calls_.size() != 0 || !queries_.empty();
        if (!needed) return link.rest();
        link.connecting();
        return out_.connect(server);
    }
    switch (link.check_life(is_busy(server), now)) {
        case peer::server_link::advice::nothing: return;
        case peer::server_link::advice::ping:
            return write_request<packet_type::echo_req>(out_.output(server), keepalive_text);
        case peer::server_link::advice::give_up:
            return break_off(
                server, {errc::connection_lost, "it owed answers and was silent, also when asked for a sign of life"},
                now);
    }
}

void client_core::give_up_unreachable() {
    unreachable_at_ = peer::never;
    std::string reasons;
    for (const server_state& s : servers_) {
        reasons += (reasons.empty() ? "" : "; ") + s.link.name() + ": " +
                   (s.link.last_error().message.empty() ? "no answer yet" : s.link.last_error().message);
    }
    std::vector<waiting_call> waiting;
    waiting.swap(waiting_);
    for (const waiting_call& w : waiting) {
        if (!is_waiting(w)) continue;
        if (outlasts_its_server(w.which)) {
            waiting_.push_back(w);
            continue;
        }
        end_not_run(w.which, errc::connection_failed,
                    "no job server could be reached within " + std::to_string(how_.unreachable_timeout.count()) +
                        " ms for the " + describe(w.which) + " (" + reasons + ")");
    }
}

// No other server can have it, and this one has been there: it is expected back, for as long as the call likes.
bool client_core::outlasts_its_server(call_index which) const noexcept {
    const auto& server = calls_[which].request.server;
    return server && servers_[*server].was_there;
}

client_core::time_point client_core::next_deadline() const noexcept {
    time_point next = std::min({calls_.first_deadline(), queries_.next_deadline(), unreachable_at_});
    for (std::size_t i = 0; i < servers_.size(); ++i) next = std::min(next, servers_[i].link.next_deadline(is_busy(i)));
    return next;
}

std::string client_core::describe(call_index which) const {
    const call& c = calls_[which];
    std::string text = "job of '" + c.request.function + "'";
    if (!c.handle.empty()) text += " (" + c.handle + ")";
    return text;
}

}  // namespace sheaf::runtime
