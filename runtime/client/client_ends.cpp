// How calls end, and how they are submitted again instead.
#include <utility>

#include "client/client_core.hpp"

namespace sheaf::runtime {
namespace {

job_end not_run(errc code, std::string message) { return {job_end::kind::not_run, {}, {code, std::move(message)}}; }

// What may be otherwise the next time.
bool is_worth_a_retry(const job_end& how) {
    switch (how.how) {
        case job_end::kind::complete: return false;
        case job_end::kind::failed:
        case job_end::kind::exception: return true;
        case job_end::kind::not_run: return how.why.code == errc::connection_lost || how.why.code == errc::queue_full;
    }
    return false;
}

}  // namespace

// ---- Early ends: the server has not done with the call.

void client_core::cancel(call_id id) {
    const call_index which = calls_.find(id);
    if (which == no_call) return;
    end_early(which, not_run(errc::cancelled, "the " + describe(which) + " was cancelled by this client"));
}

void client_core::withdraw(call_id id) {
    const call_index which = calls_.find(id);
    if (which == no_call || calls_[which].stage != call_stage::created) return;
    take_from_queue(which);
}

void client_core::cancel_all() {
    cancelled_ = true;
    for (const call_index which : calls_.all()) {
        end_early(which, not_run(errc::cancelled, "the " + describe(which) + " was cancelled with all others"));
    }
}

void client_core::shut_down() {
    shut_down_ = true;
    for (const call_index which : calls_.all()) {
        end_early(which,
                  not_run(errc::shutting_down, "the client was shut down while the " + describe(which) + " was open"));
    }
    queries_.end_all({errc::shutting_down, "the client was shut down"});
}

void client_core::end_early(call_index which, job_end how) {
    const call& c = calls_[which];
    const auto listener = c.listener;
    const std::uint64_t tag = c.tag;
    if (c.is_sent()) how.server = c.server;
    abandon(which);
    listener->on_end(tag, std::move(how));
}

// What the server sends for the call has to be counted, because JOB_CREATED is matched by order, and because it sends every
// packet of a coalesced job once for each submission.
void client_core::abandon(call_index which) {
    call& c = calls_[which];
    server_state& s = servers_[c.server];
    const bool alone = c.stage == call_stage::created && c.request.unique.empty() && c.next_of_handle == no_call &&
                       s.handles.find(which) != s.handles.end() && *s.handles.find(which) == which;
    if (c.request.withdraw && c.stage == call_stage::created) take_from_queue(which);
    calls_.forget(which);
    if (alone) s.handles.erase(which);
    if (alone || !c.is_sent()) return calls_.release(which);
    c.listener.reset();
    c.request.payload = {};
}

// Nobody waits for the answer, which is OK for jobs that run as well.
void client_core::take_from_queue(call_index which) {
    call& c = calls_[which];
    c.request.withdraw = false;
    const query asked{query::kind::admin, "cancel job " + c.handle, peer::never, nullptr, c.server};
    if (refuse_query(asked) || !servers_[c.server].link.is_connected()) return;
    queries_.send_unheard(asked.text, c.server, out_.output(c.server));
}

// ---- Ends that servers tell: they have done with the call, too.

void client_core::end(call_index which, job_end how) {
    call& c = calls_[which];
    if (c.is_sent()) how.server = c.server;
    const auto listener = std::move(c.listener);
    const std::uint64_t tag = c.tag;
    if (listener != nullptr) calls_.forget(which);
    calls_.release(which);
    if (listener != nullptr) listener->on_end(tag, std::move(how));
}

void client_core::end_not_run(call_index which, errc code, std::string message) {
    end(which, not_run(code, std::move(message)));
}

void client_core::end_or_retry(call_index which, job_end how, time_point now) {
    const call& c = calls_[which];
    if (c.is_ghost() || c.retried == c.request.retries || !is_worth_a_retry(how)) return end(which, std::move(how));
    how.server = c.server;
    submit_again(which, how, now);
}

// The slot is the call's own again: no server counts on it.
void client_core::submit_again(call_index which, const job_end& how, time_point now) {
    call& c = calls_[which];
    c.handle.clear();
    c.next_of_handle = c.turn = no_call;
    c.listener->on_retry(c.tag, ++c.retried, how);
    const bool rests = c.request.retry_pause.count() > 0;
    c.stage = rests ? call_stage::resting : call_stage::unsent;
    c.wake_at = rests ? now + c.request.retry_pause : call::never;
    calls_.watch(which);
    if (!rests) route(which, now);
}

// ---- Time.

std::string client_core::whereabouts(call_index which) const {
    const call& c = calls_[which];
    if (c.is_sent()) return "out at " + servers_[c.server].link.name();
    if (!c.request.server) return "still waiting for a server";
    const peer::server_link& link = servers_[*c.request.server].link;
    const std::string& why = link.last_error().message;
    return "still waiting for " + link.name() + (why.empty() ? "" : " (" + why + ")");
}

void client_core::on_due(call_index which, time_point now) {
    call& c = calls_[which];
    if (c.request.deadline && *c.request.deadline <= now) {
        return end_early(which,
                         not_run(errc::timeout, "the " + describe(which) + " did not end before its deadline; it was " +
                                                    whereabouts(which)));
    }
    if (c.stage == call_stage::unsent) return wait_is_over(which);
    if (c.stage != call_stage::resting) return try_is_over(which, now);
    c.stage = call_stage::unsent;
    c.wake_at = call::never;
    calls_.watch(which);
    route(which, now);
}

// Of a call without a deadline.
void client_core::wait_is_over(call_index which) {
    end_not_run(which, errc::connection_failed,
                "the " + describe(which) + " was " + whereabouts(which) + " after " +
                    std::to_string(how_.away_timeout.count() / 1000) + " s");
}

void client_core::try_is_over(call_index which, time_point now) {
    const call& c = calls_[which];
    job_end how = not_run(errc::timeout, "the " + describe(which) + " did not end within the " +
                                             std::to_string(c.request.try_timeout.count()) +
                                             " ms of a try; it was out at " + servers_[c.server].link.name());
    if (c.retried == c.request.retries) return end_early(which, std::move(how));
    how.server = c.server;
    submit_again(leave_try(which), how, now);
}

// The try stays behind as a ghost. The call goes on in another slot, which is returned.
call_index client_core::leave_try(call_index which) {
    const call left = calls_[which];
    abandon(which);
    const call_index fresh = calls_.add(left.id);
    call& c = calls_[fresh];
    c.request = left.request;
    c.listener = left.listener;
    c.tag = left.tag;
    c.retried = left.retried;
    c.stage = call_stage::unsent;
    return fresh;
}

}  // namespace sheaf::runtime
