#include "call/call_end.hpp"

#include <algorithm>
#include <utility>

#include <sheaf/detail/envelope.hpp>
#include <sheaf/schema.hpp>

namespace sheaf::detail {
namespace {

std::string in_words(std::chrono::milliseconds time) {
    const auto count = time.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

failure without_answer(error why, const call_terms& of) {
    if (why.code != errc::timeout) return {.code = why.code, .message = std::move(why.message)};
    return {.code = errc::timeout,
            .message = "there was no answer by the call's deadline, " + in_words(of.deadline) +
                       " after it was made. Is a worker running that offers the task, and has it time for this call?"};
}

// The worker's message is its schema: only this side has both.
void explain_mismatch(failure& why, const call_terms& of) {
    const std::string theirs = std::exchange(why.message, {});
    const std::string first = schema_difference(of.schema, theirs);
    why.message = "client and worker were built with different types for it\n  client: " + std::string(of.schema) +
                  "\n  worker: " + theirs;
    if (!first.empty()) why.message += "\n  first difference: " + first;
    why.message += "\n  build both from the same declaration of the task, and restart the workers";
}

failure reported(const shared_bytes& report, const call_terms& of) {
    if (of.form != wire_form::enveloped) return {.code = errc::remote_exception, .message = std::string(report.view())};
    failure why = read_failure(report.view());
    if (why.code == errc::schema_mismatch) explain_mismatch(why, of);
    return why;
}

raw_result read_any_end(runtime::job_end end, const call_terms& of) {
    using kind = runtime::job_end::kind;
    switch (end.how) {
        case kind::complete:
            if (of.form != wire_form::enveloped) return std::move(end.data);
            return read_answer(end.data, of.pack);
        case kind::exception: return reported(end.data, of);
        case kind::failed:
            return failure{.code = errc::job_failed,
                           .message = "a worker or the server ended the job with WORK_FAIL, which says no reason"};
        case kind::not_run: break;
    }
    return without_answer(std::move(end.why), of);
}

}  // namespace

raw_result read_end(runtime::job_end end, const call_terms& of) {
    raw_result outcome = read_any_end(std::move(end), of);
    if (outcome) return outcome;
    failure why = std::move(outcome).error();
    if (why.task.empty()) why.task = of.task;
    return why;
}

bool may_try_again(const failure& why, const call_terms& of, unsigned& tried) {
    if (why.code != errc::worker_lost && why.code != errc::connection_lost) return false;
    // A report about a lost worker says how many attempts its host has made.
    tried += std::max(1U, why.code == errc::worker_lost ? why.attempt : 1U);
    return tried < of.attempts;
}

}  // namespace sheaf::detail
