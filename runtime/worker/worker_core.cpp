#include "worker/worker_core.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "protocol/encode.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;
using protocol::write_request;

constexpr std::string_view keepalive_text = "sheaf keepalive";
// Servers that know it keep grabs open.
constexpr std::string_view sheaf_option = "sheaf";
constexpr std::string_view leaving_option = "leaving";
// What servers make of shorter time-outs.
constexpr std::chrono::milliseconds timeout_min{1000};

}  // namespace

worker_core::worker_core(const worker_options& how, std::vector<offered_function> functions, worker_sink& out,
                         peer::random_source random)
    : how_(how), out_(out), random_(std::move(random)), pace_(how.grabs_max) {
    SHEAF_ASSERT(!how.servers.empty() && how.slots != 0, "a worker has at least one server and one slot");
    const peer::link_options link{how.backoff_min, how.backoff_max, how.keepalive_silence, how.keepalive_timeout};
    servers_.reserve(how.servers.size());
    for (const endpoint& server : how.servers) servers_.emplace_back(to_string(server), link);
    for (offered_function& one : functions) offer(std::move(one));
}

// ---- Servers come and go.

void worker_core::start() {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        servers_[i].link.connecting();
        out_.connect(i);
    }
}

void worker_core::connected(std::size_t server, time_point now) {
    server_state& s = servers_[server];
    s.link.connected(now);
    s.link.watch(now);
    s.jobs = supply::hopeful;
    s.grabs = s.in_a_row = 0;
    s.plain_grab = s.keeps_grabs_open = s.open_grab = s.taken_back = false;
    s.option_asked = true;
    protocol::output_buffer& out = out_.output(server);
    write_request<packet_type::option_req>(out, sheaf_option);
    if (!how_.id.empty()) write_request<packet_type::set_client_id>(out, how_.id);
    for (const auto& [name, one] : functions_) {
        if (!one.is_leaving) write_offer(out, name, one.what);
    }
    make_room(1);
    grab_up_to(room());
}

void worker_core::connect_failed(std::size_t server, const error& why, time_point now) {
    servers_[server].link.lost(why, now, random_);
}

void worker_core::disconnected(std::size_t server, const error& why, time_point now) { lose(server, why, now); }

// The server gives our jobs to others: those that have not begun are dropped, the others are asked to stop.
void worker_core::lose(std::size_t server, const error& why, time_point now) {
    server_state& s = servers_[server];
    s.link.lost(why, now, random_);
    s.jobs = supply::asleep;
    s.open_grab = s.taken_back = s.keeps_grabs_open = false;
    s.leaving.clear();
    grabs_out_ -= std::exchange(s.grabs, 0);
    for (worker_job& job : jobs_) {
        if (!job.in_use || job.server != server || job.orphaned) continue;
        job.orphaned = true;
        if (out_.withdraw(job)) {
            release(job);
            --jobs_taken_;
        } else if (!std::exchange(job.stop_requested, true)) {
            out_.request_stop(job);
        }
    }
    forget_withdrawn();
    grab_up_to(room());
    end_if_done();
}

// ---- What servers say.

void worker_core::packet(std::size_t server, const protocol::packet_view& packet, time_point now) {
    servers_[server].link.heard();
    if (packet.way != protocol::direction::response) {
        const error why{errc::protocol_error, "it sent a request"};
        out_.close(server, why);
        return lose(server, why, now);
    }
    switch (packet.type) {
        case packet_type::job_assign:
        case packet_type::job_assign_uniq:
        case packet_type::job_assign_all: return on_job(server, packet, now);
        case packet_type::no_job: return on_no_job(server);
        case packet_type::noop: return on_noop(server);
        case packet_type::option_res: return on_option(server, packet[0]);
        case packet_type::error: return on_error(server, packet[0]);
        default: return;  // ECHO_RES has been heard; anything else is not for workers.
    }
}

// A grab was answered. While one is open, jobs come by it first, and NO_JOB is about the others, if there are any.
void worker_core::answered(server_state& s) {
    if (s.grabs == 0) return;
    --s.grabs;
    --grabs_out_;
    if (s.grabs == 0) s.open_grab = s.taken_back = false;
}

void worker_core::on_job(std::size_t server, const protocol::packet_view& packet, time_point now) {
    server_state& s = servers_[server];
    s.open_grab = s.taken_back = false;
    answered(s);
    if (life_ == life::stopping || life_ == life::ended) return;  // It goes back when the connection ends.
    if (s.jobs == supply::dry) s.jobs = supply::hopeful;
    ++s.in_a_row;

    worker_job& job = new_job();
    job.handle.assign(packet[0]);
    job.function.assign(without_prefix(packet[1]));
    job.unique.assign(packet.type == packet_type::job_assign ? std::string_view{} : packet[2]);
    job.reducer.assign(packet.type == packet_type::job_assign_all ? without_prefix(packet[3]) : std::string_view{});
    job.payload = packet.share_data();
    job.server = server;
    const auto known = functions_.find(packet[1]);
    if (known == functions_.end()) {
        answer(job, job_answer::fail());
        release(job);
    } else {
        job.handler = known->second.what.handler;
        const auto timeout = known->second.what.how.timeout;
        if (timeout.count() > 0) set_clock(job, &worker_job::overdue_at, now + std::max(timeout, timeout_min));
        ++jobs_taken_;
        out_.start(job);
    }
    // Ahead of what the slots can run now, grabs are sent along with answers.
    grab_up_to(room());
}

std::string_view worker_core::without_prefix(std::string_view name) const noexcept {
    return name.starts_with(how_.prefix) ? name.substr(how_.prefix.size()) : name;
}

void worker_core::on_no_job(std::size_t server) {
    server_state& s = servers_[server];
    answered(s);
    s.in_a_row = 0;
    pace_.ran_dry();
    if (s.jobs == supply::hopeful) s.jobs = supply::dry;
    grab_up_to(room());
    settle(server);
    sleep_if_dry(server);  // only now: a grab is left open when no other server may have a job
    end_if_done();
}

// With a grab open, the job comes together with the NOOP, which says that there was none before.
void worker_core::on_noop(std::size_t server) {
    server_state& s = servers_[server];
    s.jobs = supply::hopeful;
    if (s.open_grab) {
        s.in_a_row = 0;
        pace_.ran_dry();
        return;
    }
    make_room(1);
    grab_up_to(room());
}

void worker_core::on_option(std::size_t server, std::string_view option) {
    if (option != sheaf_option) return;
    servers_[server].option_asked = false;
    servers_[server].keeps_grabs_open = true;
}

// Of our requests, some servers do not know the option, which is asked for first, or GRAB_JOB_UNIQ. That an answer came too
// late is no news.
void worker_core::on_error(std::size_t server, std::string_view code) {
    server_state& s = servers_[server];
    if (std::exchange(s.option_asked, false) || code == "JOB_NOT_FOUND" || s.grabs == 0) return;
    if (s.plain_grab) return on_no_job(server);
    s.plain_grab = true;
    answered(s);
    grab_up_to(room());
    end_if_done();
}

// ---- Grabs.

// A worker that drains takes new jobs only while handlers wait, one for each: they may be what is waited for.
void worker_core::grab_up_to(std::size_t limit) {
    if (!takes_jobs()) return;
    if (life_ == life::draining) limit = std::min(limit, 2 * lent_);
    while (out_now() < limit && !has_had_enough()) {
        const std::size_t server = next_to_grab(limit);
        if (server == servers_.size()) return;
        grab(server);
        last_grabbed_ = server;
    }
}

// Servers take turns. One that has had nothing for us gets a single grab; one that keeps us busy gets as many as it gave
// us jobs in a row, so that a lone job does not cause a volley of grabs.
std::size_t worker_core::next_to_grab(std::size_t limit) const noexcept {
    for (std::size_t i = 1; i <= servers_.size(); ++i) {
        const std::size_t server = (last_grabbed_ + i) % servers_.size();
        const server_state& s = servers_[server];
        const std::size_t window = std::clamp<std::size_t>(s.in_a_row, 1, limit);
        if (!s.link.is_connected() || s.jobs != supply::hopeful || !s.leaving.empty()) continue;
        if (s.grabs < window) return server;
    }
    return servers_.size();
}

// Only for a slot that is free now, and the first of a volley: the others tell how far the jobs go. Not while another server
// may have jobs, which would wait for the same slot; and not while draining, since it would have to be taken back.
bool worker_core::may_leave_grab_open(const server_state& s) const noexcept {
    if (!s.keeps_grabs_open || s.grabs != 0 || out_now() >= room() || life_ != life::working) return false;
    if (!s.leaving.empty() || wants_reducers_ || has_had_enough()) return false;
    return std::all_of(servers_.begin(), servers_.end(), [&](const server_state& other) {
        return &other == &s || !other.link.is_connected() || other.jobs == supply::asleep;
    });
}

void worker_core::grab(std::size_t server) {
    server_state& s = servers_[server];
    if (may_leave_grab_open(s)) {
        s.open_grab = true;
        write_request<packet_type::all_yours>(out_.output(server));
    } else if (s.plain_grab) {
        write_request<packet_type::grab_job>(out_.output(server));
    } else if (wants_reducers_) {
        write_request<packet_type::grab_job_all>(out_.output(server));
    } else {
        write_request<packet_type::grab_job_uniq>(out_.output(server));
    }
    ++s.grabs;
    ++grabs_out_;
}

void worker_core::sleep_if_dry(std::size_t server) {
    server_state& s = servers_[server];
    if (!takes_jobs() || s.jobs != supply::dry || s.grabs != 0) return;
    if (may_leave_grab_open(s)) return grab(server);
    s.jobs = supply::asleep;
    write_request<packet_type::pre_sleep>(out_.output(server));
}

// The answer is NO_JOB, or a job that was quicker.
void worker_core::take_grab_back(std::size_t server) {
    server_state& s = servers_[server];
    if (!s.open_grab || std::exchange(s.taken_back, true)) return;
    s.jobs = supply::asleep;
    write_request<packet_type::pre_sleep>(out_.output(server));
}

// An open grab is the promise of a free slot. When another server has jobs, or the slot is not free any more, it is taken
// back: a job that came by it would wait behind others.
void worker_core::make_room(std::size_t wanted) {
    for (std::size_t i = 0; i < servers_.size() && out_now() + wanted > room(); ++i) take_grab_back(i);
}

// ---- Time.

void worker_core::tick(time_point now) {
    for (std::size_t i = 0; i < servers_.size(); ++i) look_after(i, now);
    if (timed_jobs_ != 0) {
        for (worker_job& job : jobs_) look_after(job, now);
    }
    if (now >= drain_until_) stop(now);
}

void worker_core::look_after(std::size_t server, time_point now) {
    peer::server_link& link = servers_[server].link;
    if (link.attempt_is_due(now)) {
        if (life_ != life::working) return link.rest();
        link.connecting();
        return out_.connect(server);
    }
    switch (link.check_life(true, now)) {
        case peer::server_link::advice::nothing: return;
        case peer::server_link::advice::ping:
            return write_request<packet_type::echo_req>(out_.output(server), keepalive_text);
        case peer::server_link::advice::give_up: {
            const error why{errc::connection_lost, "it was silent, also when asked for a sign of life"};
            out_.close(server, why);
            return lose(server, why, now);
        }
    }
}

void worker_core::look_after(worker_job& job, time_point now) {
    if (!job.in_use) return;
    if (now >= job.says_at) say(job, now);
    if (now >= job.stuck_at) {
        set_clock(job, &worker_job::stuck_at, peer::never);
        job.stuck_reported = true;
        return out_.stuck(job);
    }
    if (now >= job.overdue_at) is_overdue(job);
    if (now < job.expires_at) return;
    set_clock(job, &worker_job::expires_at, peer::never);
    answer(job, job_answer::exception(job.expiry_exception));
    job.answered = true;
    stop_job(job, now);
}

// The server has given it up, and may give it to this worker again: so nothing is to be said of this attempt later, when it would be
// taken for what became of the next one. If no slot has begun it, none needs to.
void worker_core::is_overdue(worker_job& job) {
    set_clock(job, &worker_job::overdue_at, peer::never);
    answer(job, job_answer::fail());
    job.answered = true;
    if (!out_.withdraw(job)) {
        if (!std::exchange(job.stop_requested, true)) out_.request_stop(job);
        return;
    }
    const std::size_t server = job.server;
    release(job);
    settle(server);
    grab_up_to(room());
    end_if_done();
}

// Counted from now: after a pause of the whole process there is one sign of life, not one for each that was missed.
void worker_core::say(worker_job& job, time_point now) {
    const bool is_heard = output_of(job) != nullptr;
    if (is_heard) data(job, job.says);
    const bool again = is_heard && job.says_every.count() > 0;
    set_clock(job, &worker_job::says_at, again ? now + job.says_every : peer::never);
}

worker_core::time_point worker_core::next_deadline() const noexcept {
    time_point next = drain_until_;
    for (const server_state& s : servers_) next = std::min(next, s.link.next_deadline(true));
    if (timed_jobs_ != 0) {
        for (const worker_job& job : jobs_) next = std::min(next, job.next_clock());
    }
    return next;
}

// ---- The end.

void worker_core::drain(time_point now) {
    if (life_ == life::working) drain(now, how_.drain_grace);
}

void worker_core::drain(time_point now, std::chrono::milliseconds grace) {
    if (life_ == life::stopping || life_ == life::ended) return;
    drain_until_ = now + grace;
    if (life_ == life::draining) return;
    life_ = life::draining;
    for (std::size_t i = 0; i < servers_.size(); ++i) take_grab_back(i);
    end_if_done();
}

void worker_core::stop(time_point now) {
    if (life_ == life::stopping || life_ == life::ended) return;
    life_ = life::stopping;
    drain_until_ = peer::never;
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        // What is given back now has lost no worker. Stock servers know only losses.
        if (servers_[i].keeps_grabs_open) write_request<packet_type::option_req>(out_.output(i), leaving_option);
    }
    for (worker_job& job : jobs_) {
        if (!job.in_use) continue;
        if (out_.withdraw(job)) {
            release(job);
        } else {
            // A handler that was told to stop has half a result, and another worker makes a whole one.
            job.orphaned = true;
            stop_job(job, now);
        }
    }
    end_if_done();
}

// While draining, a grab in flight may still bring a job that is then ours.
void worker_core::end_if_done() {
    const bool is_last = life_ == life::draining || (life_ == life::working && has_had_enough());
    const bool done = jobs_out_ == 0 && (life_ == life::stopping || (is_last && grabs_out_ == 0));
    if (!done) return;
    life_ = life::ended;
    drain_until_ = peer::never;
    out_.finished();
}

}  // namespace sheaf::runtime
