#include "background/enqueue_request.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "background/deadline_after.hpp"
#include "call/call_plan.hpp"
#include <sheaf/background.hpp>
#include <sheaf/detail/envelope.hpp>

namespace sheaf::detail {
namespace {

std::optional<failure> refuse(const raw_call& call, const background_options& how) {
    const auto because = [&call](errc code, std::string why) {
        return failure{.code = code, .message = std::move(why), .task = std::string(call.task)};
    };
    if (how.retry && !how.retry->rules().empty()) {
        return because(
            errc::not_supported,
            "a background job is tried again by its server, which does not know the task's errors: leave on<>() "
            "and never<>() out");
    }
    if (how.retry && how.retry->first_pause().count() > 0 && !(how.retry->factor() >= 1)) {
        return because(errc::invalid_argument,
                       "the pauses of a background job do not get shorter: its factor is at least 1");
    }
    if (how.attempt_timeout.count() > 0 && call.form != wire_form::enveloped) {
        return because(errc::not_supported,
                       "no time-outs reach the workers of raw and JSON tasks: leave attempt_timeout out");
    }
    if (how.at && how.delay.count() != 0) {
        return because(errc::invalid_argument, "it has a time (at) and a delay as well; one of them is enough");
    }
    return std::nullopt;
}

// Times longer than a hundred years are as good as those.
std::chrono::milliseconds within_reason(std::chrono::milliseconds time) { return std::min(time, longest_time); }

std::optional<runtime::job_terms> terms_of(const background_options& how) {
    if (how.delay.count() == 0 && !how.at && !how.retry && !how.keep) return std::nullopt;
    runtime::job_terms terms;
    terms.delay = within_reason(how.delay);
    terms.keep = how.keep;
    if (how.retry) {
        terms.attempts = how.retry->attempts();
        terms.backoff = within_reason(how.retry->first_pause());
        terms.backoff_factor = how.retry->first_pause().count() > 0 ? how.retry->factor() : 1;
        terms.backoff_max = within_reason(how.retry->longest_pause());
    }
    return terms;
}

// Its attempts are the server's affair: for the worker's host each of them is the only one. Nobody can know its name before the
// server has given it a handle, so that is its name.
shared_bytes payload_of(const raw_call& call, const background_options& how) {
    if (call.form != wire_form::enveloped) return shared_bytes(call.arguments);
    return write_request(
        {.fingerprint = call.fingerprint, .attempt_timeout = within_reason(how.attempt_timeout), .background = true},
        call.arguments);
}

}  // namespace

result<runtime::job_request> make_enqueue_request(const raw_call& call, const background_options& how) {
    if (auto why = refuse(call, how)) return *std::move(why);
    runtime::job_request job;
    job.function = call.task;
    job.unique = how.unique.derived() ? key_of_arguments(call) : how.unique.key();
    job.payload = payload_of(call, how);
    job.priority = how.priority;
    job.background = true;
    job.deadline = deadline_after(how.deadline);
    job.run_at = how.at;
    job.terms = terms_of(how);
    return job;
}

}  // namespace sheaf::detail
