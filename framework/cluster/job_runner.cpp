#include "cluster/job_runner.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "cluster/attempt_gate.hpp"
#include "cluster/child_process.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/pack.hpp>

namespace sheaf::detail {
namespace {

// Plain Gearman has no way to say how often a job may be tried. Servers try for ever; a job that kills every worker must not.
constexpr unsigned raw_attempts = 3;

// What a handler sees of its job.
class job_invocation final : public invocation {
  public:
    job_invocation(runtime::assignment& job, unsigned attempt) : job_(job), attempt_(attempt) {}

    [[nodiscard]] std::stop_token stop_token() const override { return job_.stop_token(); }
    [[nodiscard]] unsigned attempt() const override { return attempt_; }
    [[nodiscard]] std::string_view handle() const override { return job_.handle(); }
    void progress(std::uint64_t done, std::uint64_t total) override { job_.send_status(done, total); }
    void warn(std::string_view text) override { job_.send_warning(text); }
    void send_chunk(std::string_view encoded) override { job_.send_data(write_chunk(encoded).view()); }
    void lend_slot() override {}
    void take_slot_back() noexcept override {}

  private:
    runtime::assignment& job_;
    unsigned attempt_;
};

failure lost_worker(const loss& what, unsigned attempts) {
    failure why;
    why.code = errc::worker_lost;
    why.message = "the worker process that ran it " + describe(exit_report{what.signal, what.exit_code}) + "; of " +
                  std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts") + " it was the last";
    why.worker = worker_name(what.pid);
    why.signal = what.signal;
    return why;
}

failure timed_out(std::chrono::milliseconds limit) {
    failure why;
    why.code = errc::timeout;
    why.message = "attempt time-out of " + std::to_string(limit.count()) + " ms: the handler had not returned";
    return why;
}

}  // namespace

/// What the caller asks for, from the job's envelope.
struct job_runner::terms {
    unsigned attempts = raw_attempts;
    std::chrono::milliseconds attempt_timeout{0};
    std::string_view arguments;
    bool pack = false;
};

std::string worker_name(pid_t pid) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + "/" + std::to_string(pid);
}

job_runner::job_runner(slot_board* board, std::size_t first_slot, const std::vector<endpoint>& servers)
    : board_(board), first_slot_(first_slot), worker_(worker_name(::getpid())) {
    for (const endpoint& one : servers) servers_.push_back(to_string(one));
}

runtime::job_answer job_runner::run(const binding& task, runtime::assignment& job) const {
    if (task.form != wire_form::enveloped) return run_on(task, job, {.arguments = job.payload().view()});
    const auto request = read_request(job.payload().view());
    if (!request) {
        failure why = request.error();
        why.message += ". Is the caller a plain Gearman client? This is a typed task; bind_raw serves plain ones";
        return failed(task, std::move(why), 0);
    }
    if (request->fingerprint != task.fingerprint) {
        return failed(task, {.code = errc::schema_mismatch, .message = task.schema}, 0);
    }
    return run_on(task, job, {request->attempts, request->attempt_timeout, request->arguments, request->pack});
}

runtime::job_answer job_runner::run_on(const binding& task, runtime::assignment& job, const terms& how) const {
    const attempt_gate gate(board_, first_slot_ + job.slot(), board_ == nullptr ? 0 : hash(job), how.attempts);
    if (gate.refusal()) return failed(task, lost_worker(*gate.refusal(), how.attempts), gate.attempt());
    if (how.attempt_timeout.count() > 0) {
        job.expire_after(how.attempt_timeout, failed(task, timed_out(how.attempt_timeout), gate.attempt()).data);
    }
    job_invocation seen(job, gate.attempt());
    auto outcome = how.pack ? run_pack(task, seen, how.arguments, worker_) : task.run(seen, how.arguments);
    if (!outcome) return failed(task, std::move(outcome).error(), gate.attempt());
    if (task.form != wire_form::enveloped) return runtime::job_answer::complete(shared_bytes(*outcome));
    return runtime::job_answer::complete(write_answer(*outcome, how.pack));
}

runtime::job_answer job_runner::failed(const binding& task, failure why, unsigned attempt) const {
    if (why.task.empty()) why.task = task.name;
    if (why.worker.empty()) why.worker = worker_;
    if (why.attempt == 0) why.attempt = attempt;
    // Whoever calls a raw function may not know our reports.
    if (task.form != wire_form::enveloped) return runtime::job_answer::exception(shared_bytes(describe(why)));
    return runtime::job_answer::exception(write_failure(why));
}

job_hash job_runner::hash(const runtime::assignment& job) const {
    return hash_job(servers_[job.server()], job.handle(), job.payload().view());
}

void job_runner::abandon(std::size_t slot) const noexcept {
    if (board_ != nullptr) board_->release(first_slot_ + slot);
}

}  // namespace sheaf::detail
