#include "call/call_failures.hpp"

#include <string>

namespace sheaf::detail {
namespace {

std::string in_words(std::chrono::milliseconds time) {
    const auto count = time.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

std::string offered_by(std::uint64_t workers) {
    return std::to_string(workers) + (workers == 1 ? " worker offers it" : " workers offer it");
}

failure out_of_time(const call_plan& plan, call_clock which, std::string message) {
    return {.code = errc::timeout, .message = std::move(message), .task = plan.task, .clock = which};
}

std::string how_far(const waiting_for& waits) {
    if (waits.begun) return "A worker had begun it";
    if (!waits.taken) return "No job server had taken it";
    if (!waits.workers) return "Is a worker running that offers the task, and has it time for this call?";
    if (*waits.workers == 0) return "It waited, and 0 workers offer it: start one";
    return "No worker was known to have begun it; " + offered_by(*waits.workers);
}

}  // namespace

failure deadline_over(const call_plan& plan, const waiting_for& waits) {
    return out_of_time(plan, call_clock::deadline,
                       "there was no answer by the call's deadline, " + in_words(plan.deadline) +
                           " after it was made. " + how_far(waits));
}

failure waited_too_long(const call_plan& plan, std::optional<std::uint64_t> workers) {
    std::string text = "\"" + plan.task + "\" queued " + in_words(plan.queue_timeout);
    if (workers) text += ", " + offered_by(*workers);
    failure why = out_of_time(plan, call_clock::queue, std::move(text));
    if (workers && *workers == 0) why.code = errc::no_worker;
    return why;
}

failure attempt_took_too_long(const call_plan& plan) {
    return out_of_time(plan, call_clock::attempt,
                       "attempt_timeout of " + in_words(plan.attempt_timeout) +
                           ": a worker had begun it, and neither answered nor said that it stopped it");
}

failure worker_fell_silent(const call_plan& plan) {
    return {.code = errc::worker_lost,
            .message = "heartbeat of " + in_words(plan.heartbeat) +
                       ": the worker that runs it gave no sign of life, though the server still counts on it",
            .task = plan.task,
            .clock = call_clock::heartbeat};
}

failure stream_begun_anew(const call_plan& plan) {
    return {.code = errc::worker_lost,
            .message = "the worker that sent the stream was lost, and another one began it anew, after chunks had come",
            .task = plan.task};
}

}  // namespace sheaf::detail
