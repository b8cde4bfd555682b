#include "background/job_failures.hpp"

#include <algorithm>
#include <utility>

#include "call/call_end.hpp"

namespace sheaf::detail {
namespace {

using kind = runtime::job_end::kind;

std::string in_words(std::chrono::milliseconds time) {
    const auto count = time.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

// What the server itself said, after the code that it gave.
std::string words_after(const std::string& message, std::string_view code) {
    const auto at = message.find(code);
    return at == std::string::npos ? message : message.substr(at + code.size());
}

failure not_ended(const asked_job& job, const std::string& message, const std::optional<background_status>& status) {
    failure why{.code = errc::timeout, .message = message, .clock = call_clock::deadline};
    if (status) {
        why.message = "the background job " + job.handle + " had not ended after " + in_words(job.deadline) +
                      ": it is " + std::string(to_string(status->state)) +
                      (status->why.empty() ? "" : ", " + status->why);
    }
    return why;
}

failure not_heard(const error& why, const asked_job& job, const std::optional<background_status>& status) {
    switch (why.code) {
        case errc::timeout: return not_ended(job, why.message, status);
        case errc::unknown_job:
            return {.code = why.code,
                    .message = "the server knows no job " + job.handle +
                               ": it was cancelled, or ended too long ago, or is of another server"};
        case errc::result_gone:
            return {.code = why.code,
                    .message = "the background job " + job.handle + " has completed, and its result is not kept: " +
                               words_after(why.message, "RESULT_GONE: ")};
        case errc::cancelled:
            return {.code = why.code, .message = "the wait for the background job " + job.handle + " was cancelled"};
        default: return {.code = why.code, .message = why.message};
    }
}

// WORK_FAIL says nothing by itself.
failure without_report(const asked_job& job, const std::optional<background_status>& status) {
    if (!status || !status->has_ended()) {
        const bool is_gone = status && status->state == background_state::unknown;
        if (is_gone) return {.code = errc::cancelled, .message = "the background job " + job.handle + " was cancelled"};
        return {.code = errc::job_failed, .message = "the background job " + job.handle + " has failed"};
    }
    failure why;
    why.code = status->attempt == 0 && status->losses > 0 ? errc::worker_lost : errc::job_failed;
    why.message = "the background job " + job.handle + " is a dead letter: " + status->reason;
    why.worker = status->worker;
    return why;
}

call_plan plan_of(const raw_call& frame) {
    call_plan plan;
    plan.task = frame.task;
    plan.schema = frame.schema;
    plan.form = frame.form;
    plan.error_names = frame.error_names;
    return plan;
}

}  // namespace

bool needs_status(const runtime::job_end& end) noexcept {
    if (end.how == kind::not_run) return end.why.code == errc::timeout;
    return end.how != kind::complete;
}

raw_result read_background_end(runtime::job_end end, const asked_job& job,
                               const std::optional<background_status>& status) {
    const kind how = end.how;
    const bool reported = how == kind::complete || how == kind::exception;
    raw_result outcome = reported              ? read_end(std::move(end), plan_of(job.frame))
                         : how == kind::failed ? raw_result(without_report(job, status))
                                               : raw_result(not_heard(end.why, job, status));
    if (outcome) return outcome;
    failure why = std::move(outcome).error();
    why.task = job.frame.task;
    // A worker knows of one attempt, the server of all.
    if (how != kind::not_run && status) why.attempt = std::max(why.attempt, status->attempt);
    return why;
}

}  // namespace sheaf::detail
