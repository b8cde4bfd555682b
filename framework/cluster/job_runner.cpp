#include "cluster/job_runner.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <unistd.h>
#include <utility>

#include "cluster/attempt_gate.hpp"
#include "cluster/child_process.hpp"
#include "cluster/job_invocation.hpp"
#include "task/json_failure.hpp"
#include <sheaf/detail/control_order.hpp>
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/handler_thread.hpp>
#include <sheaf/detail/pack.hpp>

namespace sheaf::detail {
namespace {

// Plain Gearman has no way to say how often a job may be tried. Servers try for ever; a job that kills every worker must not.
constexpr unsigned raw_attempts = 3;

// Heartbeats that are asked for more often than this are given this often.
constexpr std::chrono::milliseconds sign_period_min{10};
// A handler that has run for so long is worth a packet which says where.
constexpr std::chrono::milliseconds first_sign_after{20};

// `attempts`: after how many it is given up; nothing when the server counts them.
failure lost_worker(const loss& what, std::optional<unsigned> attempts) {
    failure why;
    why.code = errc::worker_lost;
    const std::string ended =
        what.account.empty() ? describe(exit_report{.signal = what.signal, .code = what.exit_code}) : what.account;
    why.message = "the worker process that ran it " + ended;
    if (attempts) {
        why.message +=
            "; of " + std::to_string(*attempts) + (*attempts == 1 ? " attempt" : " attempts") + " it was the last";
    }
    why.worker = worker_name(what.pid);
    why.signal = what.signal;
    why.last_lines = what.last_lines;
    return why;
}

failure timed_out(std::chrono::milliseconds limit) {
    failure why;
    why.code = errc::timeout;
    why.message = "attempt time-out of " + std::to_string(limit.count()) + " ms: the handler had not returned";
    return why;
}

failure cancelled_call(std::string_view when) {
    return {.code = errc::cancelled, .message = "its caller cancelled it " + std::string(when)};
}

// Who cancelled it has been answered already. This is for the others, who may try elsewhere.
failure ended_before() {
    return {.code = errc::worker_lost, .message = "its worker process was told to end before there was a place for it"};
}

}  // namespace

/// What the caller asks for, from the job's envelope.
struct job_runner::terms {
    unsigned attempts = raw_attempts;
    unsigned tried = 0;
    std::chrono::milliseconds attempt_timeout{0};
    std::chrono::milliseconds heartbeat{0};
    std::string_view arguments;
    bool pack = false;
    bool announce = false;
    bool background = false;
};

std::string worker_name(pid_t pid) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + "/" + std::to_string(pid);
}

job_runner::job_runner(job_runner_options how)
    : how_(std::move(how)),
      worker_(worker_name(::getpid())),
      first_sign_(write_sign_of_life({.control = how_.control, .attempt = 1})),
      calls_(how_.slots.count + lent_slots_max) {
    for (const endpoint& one : how_.servers) servers_.push_back(to_string(one));
}

runtime::job_answer job_runner::run(const binding& task, runtime::assignment& job, slot_limit* limit) {
    const auto refuse = [&](failure why) { return failed(task.name, task.form, std::move(why), 0); };
    if (task.form != wire_form::enveloped) return run_on(task, job, {.arguments = job.payload().view()}, limit);
    const auto request = read_request(job.payload().view());
    if (!request) {
        failure why = request.error();
        why.message += ". Is the caller a plain Gearman client? This is a typed task; bind_raw serves plain ones";
        return refuse(std::move(why));
    }
    if (request->fingerprint != task.fingerprint) {
        return refuse({.code = errc::schema_mismatch, .message = task.schema});
    }
    const std::uint64_t call =
        request->background || request->call == 0 ? background_call(job.handle()) : request->call;
    const running_calls::entry entry(calls_, call, job);
    if (entry.was_cancelled()) return refuse(cancelled_call("before a slot was free for it"));
    return run_on(task, job,
                  {.attempts = request->attempts,
                   .tried = request->tried,
                   .attempt_timeout = request->attempt_timeout,
                   .heartbeat = request->heartbeat,
                   .arguments = request->arguments,
                   .pack = request->pack,
                   .announce = request->announce,
                   .background = request->background},
                  limit);
}

runtime::job_answer job_runner::run_on(const binding& task, runtime::assignment& job, const terms& how,
                                       slot_limit* limit) {
    const slot_limit::guard place(limit, job);
    if (!place.entered()) return failed(task.name, task.form, ended_before(), 0);
    const attempt_gate gate(how_.board, how_.slots.place(job.slot()), how_.board == nullptr ? 0 : hash(job),
                            how.attempts);
    const auto fail = [&](failure why) { return failed(task.name, task.form, std::move(why), gate.attempt()); };
    if (gate.refusal()) {
        const bool counts = !how.background;
        return fail(lost_worker(*gate.refusal(), counts ? std::optional(how.tried + how.attempts) : std::nullopt));
    }
    if (how.attempt_timeout.count() > 0) {
        job.expire_after(how.attempt_timeout, fail(timed_out(how.attempt_timeout)).data);
    }
    if (task.form == wire_form::enveloped) give_signs_of_life(job, how, gate.attempt());
    job_invocation seen(job, task, how.tried + gate.attempt(), how.background, how.attempt_timeout, how_.services,
                        limit);
    const running_handler here(seen);
    auto outcome = how.pack ? run_pack(task, seen, how.arguments, worker_) : task.run(seen, how.arguments);
    if (!outcome) return fail(std::move(outcome).error());
    if (task.form != wire_form::enveloped) return runtime::job_answer::complete(shared_bytes(*outcome));
    return runtime::job_answer::complete(write_answer(*outcome, how.pack));
}

// Of a heartbeat's period three signs go: two may come late, and the worker still lives.
void job_runner::give_signs_of_life(runtime::assignment& job, const terms& how, unsigned attempt) const {
    std::chrono::milliseconds every{0};
    if (how.heartbeat.count() > 0) every = std::max(how.heartbeat / 3, sign_period_min);
    auto first = how.announce ? std::chrono::milliseconds(0) : first_sign_after;
    if (every.count() > 0) first = std::min(first, every);
    job.say_every(first, every,
                  attempt == 1 ? first_sign_ : write_sign_of_life({.control = how_.control, .attempt = attempt}));
}

runtime::job_answer job_runner::failed(std::string_view task, wire_form form, failure why, unsigned attempt) const {
    if (why.task.empty()) why.task = task;
    if (why.worker.empty()) why.worker = worker_;
    if (why.attempt == 0) why.attempt = attempt;
    if (form == wire_form::json) return runtime::job_answer::exception(write_json_failure(why));
    // Whoever calls a raw function may not know our reports.
    if (form == wire_form::raw) return runtime::job_answer::exception(shared_bytes(describe(why)));
    return runtime::job_answer::exception(write_failure(why));
}

void job_runner::cancel(std::span<const std::uint64_t> calls,
                        const std::function<void(std::size_t slot)>& before_stop) {
    calls_.cancel(calls, std::chrono::steady_clock::now(), [&](runtime::assignment& job) {
        before_stop(job.slot());
        job.give_up(failed(job.function(), wire_form::enveloped, cancelled_call("while it ran"), 0).data);
    });
}

job_hash job_runner::hash(const runtime::assignment& job) const {
    return hash_job(servers_[job.server()], job.handle(), job.payload().view());
}

void job_runner::abandon(std::size_t slot) const noexcept {
    if (how_.board != nullptr) how_.board->release(how_.slots.place(slot));
}

}  // namespace sheaf::detail
