#include "call/call_end.hpp"

#include <algorithm>
#include <utility>

#include "call/retry_rules.hpp"
#include "task/json_failure.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/schema.hpp>

namespace sheaf::detail {
namespace {

// The worker's message is its schema: only this side has both.
void explain_mismatch(failure& why, const call_plan& of) {
    const std::string theirs = std::exchange(why.message, {});
    const std::string first = schema_difference(of.schema, theirs);
    why.message = "client and worker were built with different types for it\n  client: " + std::string(of.schema) +
                  "\n  worker: " + theirs;
    if (!first.empty()) why.message += "\n  first difference: " + first;
    why.message += "\n  build both from the same declaration of the task, and restart the workers";
}

failure reported(const shared_bytes& report, const call_plan& of) {
    if (of.form == wire_form::json) return read_json_failure(report.view(), of.error_names);
    if (of.form == wire_form::raw) return {.code = errc::remote_exception, .message = std::string(report.view())};
    failure why = read_failure(report.view());
    if (why.code == errc::schema_mismatch) explain_mismatch(why, of);
    // Workers have one clock.
    if (why.code == errc::timeout && why.clock == call_clock::none) why.clock = call_clock::attempt;
    return why;
}

raw_result read_any_end(runtime::job_end end, const call_plan& of) {
    using kind = runtime::job_end::kind;
    switch (end.how) {
        case kind::complete:
            if (of.form == wire_form::json && is_json_failure(end.data.view())) return reported(end.data, of);
            if (of.form != wire_form::enveloped) return std::move(end.data);
            return read_answer(end.data, of.pack);
        case kind::exception: return reported(end.data, of);
        case kind::failed:
            return failure{.code = errc::job_failed,
                           .message = "a worker or the server ended the job with WORK_FAIL, which says no reason"};
        case kind::not_run: break;
    }
    return failure{.code = end.why.code, .message = std::move(end.why.message)};
}

}  // namespace

raw_result read_end(runtime::job_end end, const call_plan& of) {
    raw_result outcome = read_any_end(std::move(end), of);
    if (outcome) return outcome;
    failure why = std::move(outcome).error();
    if (why.task.empty()) why.task = of.task;
    return why;
}

unsigned host_attempts(const call_plan& plan, unsigned tried) {
    if (plan.retry == nullptr || plan.stream || plan.retry->first_pause().count() > 0) return 1;
    if (!is_tried_again_after({.code = errc::worker_lost}, *plan.retry, 0)) return 1;
    return plan.attempts() > tried ? plan.attempts() - tried : 1;
}

}  // namespace sheaf::detail
