#include "scatter/scatter_terms.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <sheaf/detail/pack.hpp>

namespace sheaf::detail {
namespace {

using std::chrono::microseconds;

constexpr microseconds pack_time{3000};
/// Jobs that may be out when the window is found out on the way.
constexpr std::size_t jobs_max = 1024;

/// What each call must have a job of its own for; null when nothing.
const char* needs_own_job(const raw_call& frame, const scatter_options& scattered) {
    const call_options& how = scattered.call;
    if (frame.form != wire_form::enveloped) return "the task has no envelope, in which packs travel";
    if (!how.unique.empty()) return "calls with unique keys are jobs of their own";
    if (how.hedge.count() > 0 || scattered.hedge.factor > 0) return "hedged calls are jobs of their own";
    return nullptr;
}

bool is_worth_packing(const raw_call& frame, const call_options& how) {
    const bool may_run_twice = frame.idempotent || how.retry.attempts() > 1;
    return may_run_twice && how.retry.rules().empty() && !how.on_progress;
}

/// The largest pack that leaves each worker two, of `calls`.
std::size_t fair_share(std::size_t calls, std::size_t workers) {
    return std::max<std::size_t>(calls / (2 * (workers == 0 ? 4 : workers)), 1);
}

}  // namespace

std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point from,
                                            std::chrono::milliseconds time) noexcept {
    constexpr auto never = std::chrono::steady_clock::time_point::max();
    const auto room = std::chrono::duration_cast<std::chrono::milliseconds>(never - from);
    return time < room ? from + std::max(time, -room) : never;
}

void check_hedge(const raw_call& frame, const scatter_options& how) {
    if (how.hedge.factor <= 0 || (frame.idempotent && how.call.unique.empty())) return;
    throw_failure({.code = errc::invalid_argument,
                   .message =
                       "its calls cannot be hedged: only those of tasks that are declared idempotent, and without a "
                       "unique key, may be made twice",
                   .task = std::string(frame.task)});
}

bool travels_in_packs(const raw_call& frame, const scatter_options& how) {
    if (how.pack.how() == packing::mode::none) return false;
    const char* const reason = needs_own_job(frame, how);
    if (how.pack.how() == packing::mode::automatic) return reason == nullptr && is_worth_packing(frame, how.call);
    if (how.pack.calls() == 0 || how.pack.calls() > pack_calls_max) {
        throw_failure({.code = errc::invalid_argument,
                       .message = "a pack has 1 to " + std::to_string(pack_calls_max) + " calls, not " +
                                  std::to_string(how.pack.calls()),
                       .task = std::string(frame.task)});
    }
    if (reason != nullptr) {
        throw_failure({.code = errc::not_supported,
                       .message = std::string("its calls cannot share jobs: ") + reason + ". Leave out .pack",
                       .task = std::string(frame.task)});
    }
    return true;
}

pack_sizer sizer_for(const scatter_options& how, std::size_t workers) {
    if (how.pack.how() == packing::mode::fixed) return pack_sizer::fixed(how.pack.calls());
    // A pack is one attempt, with one clock.
    const microseconds timeout = how.call.attempt_timeout;
    const microseconds target = timeout.count() > 0 ? std::min(pack_time, timeout / 8) : pack_time;
    const std::size_t most = how.window == 0 ? pack_calls_max : fair_share(how.window, workers);
    return {std::min(most, pack_calls_max), target};
}

scatter_window window_for(const scatter_options& how, std::size_t workers, bool packs) {
    const std::size_t jobs = how.window == 0 ? scatter_window::default_jobs(workers) : how.window;
    const std::size_t calls = how.window != 0 ? jobs : std::max(jobs, jobs_max) * (packs ? pack_calls_max : 1);
    return scatter_window({.calls = calls, .jobs = jobs, .bytes = how.window_bytes});
}

job_pace pace_for(const scatter_options& how, std::size_t workers) {
    if (how.window != 0) return {how.window, how.window};
    return {scatter_window::default_jobs(workers), jobs_max};
}

bool blames_nobody(const failure& why) noexcept {
    switch (why.code) {
        case errc::worker_lost:
        case errc::connection_lost:
        case errc::job_failed:
        case errc::remote_exception:
        case errc::malformed:
        case errc::too_large: return true;
        case errc::timeout: return why.clock == call_clock::attempt || why.clock == call_clock::heartbeat;
        default: return false;
    }
}

}  // namespace sheaf::detail
