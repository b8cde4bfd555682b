// The jobs that a worker was given: what their handlers say of them, how they wait, and how they end.
#include <algorithm>
#include <utility>

#include "protocol/encode.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::runtime {
namespace {

using protocol::packet_type;
using protocol::write_request;

// Header, handle and terminators, generously.
constexpr std::size_t packet_overhead = 256;

std::string too_large_text(std::string_view what, const std::string& function, std::size_t bytes, std::size_t most) {
    return std::string(what) + " of '" + function + "' has " + std::to_string(bytes) + " bytes, above the limit of " +
           std::to_string(most);
}

}  // namespace

worker_job& worker_core::new_job() {
    ++jobs_out_;
    if (free_.empty()) {
        jobs_.emplace_back();
        free_.push_back(&jobs_.back());
    }
    worker_job& job = *free_.back();
    free_.pop_back();
    job.in_use = true;
    return job;
}

void worker_core::release(worker_job& job) {
    timed_jobs_ -= job.has_clock() ? 1 : 0;
    deferred_ -= job.is_deferred ? 1 : 0;
    job.is_deferred = false;
    job.stop.reset();
    job.payload = job.expiry_exception = job.says = {};
    job.handler.reset();
    job.expires_at = job.stuck_at = job.says_at = job.overdue_at = peer::never;
    job.in_use = job.orphaned = job.answered = job.stop_requested = job.stuck_reported = false;
    free_.push_back(&job);
    --jobs_out_;
}

// Null when the server does not want to hear of the job any more.
protocol::output_buffer* worker_core::output_of(const worker_job& job) {
    return job.orphaned || job.answered ? nullptr : &out_.output(job.server);
}

void worker_core::data(worker_job& job, const shared_bytes& data) {
    if (end_if_too_large(job, "a piece of data", data.size())) return;
    if (auto* const out = output_of(job)) write_request<packet_type::work_data>(*out, job.handle, data);
}

void worker_core::warning(worker_job& job, const shared_bytes& data) {
    if (end_if_too_large(job, "a warning", data.size())) return;
    if (auto* const out = output_of(job)) write_request<packet_type::work_warning>(*out, job.handle, data);
}

void worker_core::status(const worker_job& job, std::uint64_t numerator, std::uint64_t denominator) {
    if (auto* const out = output_of(job)) {
        write_request<packet_type::work_status>(*out, job.handle, std::to_string(numerator),
                                                std::to_string(denominator));
    }
}

void worker_core::expire_at(worker_job& job, time_point at, shared_bytes exception) {
    if (job.answered || job.orphaned || at >= job.expires_at) return;
    set_clock(job, &worker_job::expires_at, at);
    job.expiry_exception = std::move(exception);
}

void worker_core::say_from(worker_job& job, time_point first, std::chrono::milliseconds every, shared_bytes data) {
    if (job.answered || job.orphaned) return;
    set_clock(job, &worker_job::says_at, first);
    job.says_every = every;
    job.says = std::move(data);
}

void worker_core::lend() {
    ++lent_;
    if (life_ == life::draining) {
        for (server_state& s : servers_) {
            if (s.jobs == supply::dry) s.jobs = supply::hopeful;  // it was not asked to wake us
        }
    }
    grab_up_to(room());
}

void worker_core::take_back() {
    --lent_;
    make_room(0);
}

void worker_core::set_clock(worker_job& job, time_point worker_job::*clock, time_point at) {
    timed_jobs_ -= job.has_clock() ? 1 : 0;
    job.*clock = at;
    timed_jobs_ += job.has_clock() ? 1 : 0;
}

// Between its handler's end and now, it could not be told to stop.
void worker_core::deferred(worker_job& job, std::chrono::nanoseconds took) {
    pace_.took(took);
    job.is_deferred = true;
    ++deferred_;
    if (job.stop_requested) out_.request_stop(job);
    grab_up_to(room());
}

void worker_core::done(worker_job& job, const job_answer& result, std::chrono::nanoseconds took) {
    if (!job.is_deferred) pace_.took(took);
    answer(job, result);
    const std::size_t server = job.server;
    release(job);
    settle(server);
    // Together with the answer, in one write.
    grab_up_to(room(pace_.depth()));
    end_if_done();
}

void worker_core::answer(const worker_job& job, const job_answer& result) {
    auto* const out = output_of(job);
    if (out == nullptr) return;
    if (is_too_large(result.data.size())) {
        const std::string text = too_large_text("the answer", job.function, result.data.size(), how_.message_bytes_max);
        return write_request<packet_type::work_exception>(*out, job.handle, text);
    }
    switch (result.how) {
        case job_answer::kind::complete:
            return write_request<packet_type::work_complete>(*out, job.handle, result.data);
        case job_answer::kind::fail: return write_request<packet_type::work_fail>(*out, job.handle);
        case job_answer::kind::exception:
            return write_request<packet_type::work_exception>(*out, job.handle, result.data);
    }
}

bool worker_core::is_too_large(std::size_t bytes) const noexcept {
    return bytes + packet_overhead > how_.message_bytes_max;
}

// The server would close the connection, give this job and all others on it to somebody else, and so on for ever.
bool worker_core::end_if_too_large(worker_job& job, std::string_view what, std::size_t bytes) {
    if (!is_too_large(bytes)) return false;
    const std::string text = too_large_text(what, job.function, bytes, how_.message_bytes_max);
    answer(job, job_answer::exception(shared_bytes(text)));
    job.answered = true;
    if (!std::exchange(job.stop_requested, true)) out_.request_stop(job);
    return true;
}

void worker_core::stop_job(worker_job& job, time_point now) {
    const bool is_watched = job.stuck_reported || job.stuck_at != peer::never;
    if (!is_watched) out_.stopping(job);
    if (!std::exchange(job.stop_requested, true)) out_.request_stop(job);
    if (is_watched) return;
    set_clock(job, &worker_job::expires_at, peer::never);
    set_clock(job, &worker_job::stuck_at, now + how_.stuck_grace);
}

}  // namespace sheaf::runtime
