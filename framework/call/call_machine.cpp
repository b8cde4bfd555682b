// Calls and their attempts: how they begin, fail, are tried again and end.
#include "call/call_machine.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "call/call_end.hpp"
#include "call/call_failures.hpp"
#include "call/retry_rules.hpp"

namespace sheaf::detail {
namespace {

// A 64-bit finalizer (splitmix64's): every bit of `x` moves every bit of the outcome.
std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

failure refusal(errc code, const char* why) { return {.code = code, .message = why}; }

}  // namespace

std::uint64_t call_machine::attempt_name(std::uint64_t seed, call_id call, unsigned n) noexcept {
    return mixed(mixed(seed ^ call * 0x9e3779b97f4a7c15U) + n);
}

double call_machine::random() {
    return static_cast<double>(mixed(seed_ + 0x9e3779b97f4a7c15U * ++draws_) >> 11U) * 0x1.0p-53;
}

// ---- What users do.

std::optional<failure> call_machine::refuse(const call_plan& plan) const {
    if (closed_) return closed_;
    if (plan.heartbeat.count() > 0 && plan.form != wire_form::enveloped) {
        return refusal(errc::not_supported, "workers of raw and JSON tasks give no signs of life: leave heartbeat out");
    }
    if (plan.hedge.count() == 0) return std::nullopt;
    if (!plan.idempotent)
        return refusal(errc::invalid_argument, "only a task declared sheaf::idempotent can be hedged");
    if (plan.stream) return refusal(errc::invalid_argument, "a stream cannot be hedged");
    if (!plan.unique.empty()) {
        return refusal(errc::invalid_argument,
                       "a call with a unique key cannot be hedged: both copies would be one job");
    }
    return std::nullopt;
}

void call_machine::submit(call_plan plan, time_point now) {
    if (auto why = refuse(plan)) {
        why->task = plan.task;
        return out_.tell(std::move(plan), *std::move(why));
    }
    std::uint32_t which = 0;
    if (free_calls_.empty()) {
        which = static_cast<std::uint32_t>(calls_.size());
        calls_.emplace_back();
    } else {
        which = free_calls_.back();
        free_calls_.pop_back();
    }
    call& c = calls_[which];
    c.plan = std::move(plan);
    c.made_at = now;
    const bool is_new = by_id_.emplace(c.plan.id, which).second;
    SHEAF_ASSERT(is_new, "a call's id is used once");
    c.main = start(which, now);
    schedule(which);
}

void call_machine::cancel(call_id id, time_point now) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const std::uint32_t which = found->second;
    finish(which,
           failure{.code = errc::cancelled, .message = "the call was cancelled", .task = calls_[which].plan.task}, now);
}

void call_machine::close(errc code, const std::string& message, time_point now) {
    closed_ = failure{.code = code, .message = message};
    std::vector<std::uint32_t> open;
    for (const auto& [id, which] : by_id_) open.push_back(which);
    for (const std::uint32_t which : open) {
        failure why = *closed_;
        why.task = calls_[which].plan.task;
        finish(which, std::move(why), now);
    }
}

// ---- Attempts.

std::uint32_t call_machine::new_attempt() {
    if (free_attempts_.empty()) {
        attempts_.emplace_back();
        free_attempts_.push_back(static_cast<std::uint32_t>(attempts_.size() - 1));
    }
    const std::uint32_t which = free_attempts_.back();
    free_attempts_.pop_back();
    attempts_[which].in_use = true;
    return which;
}

// Strings keep their memory.
void call_machine::free_attempt(std::uint32_t which) {
    attempt& a = attempts_[which];
    determine(a);
    forget_question(a);
    watched_.erase(which);
    ++a.generation;
    a.call = none;
    a.in_use = a.asking = a.started = a.waits_to_ask = a.withdrawn = false;
    a.handle.clear();
    a.control.clear();
    free_attempts_.push_back(which);
}

call_machine::attempt* call_machine::find(attempt_key key) noexcept {
    if (key.index >= attempts_.size()) return nullptr;
    attempt& a = attempts_[key.index];
    return a.in_use && a.generation == key.generation ? &a : nullptr;
}

std::uint32_t call_machine::start(std::uint32_t which, time_point now) {
    const std::uint32_t made = new_attempt();
    call& c = calls_[which];
    attempt& a = attempts_[made];
    a.call = which;
    a.can_be_stopped = !c.plan.may_be_shared() && c.plan.form == wire_form::enveloped;
    a.name = attempt_name(seed_, c.plan.id, c.submitted);
    a.queued_at = a.heard_at = a.looked_at = now;
    const unsigned before = std::max(c.tried, c.submitted);  // a hedge comes after one that has not failed
    const bool is_first = c.submitted++ == 0;
    out_.submit(key_of(made), c.plan,
                {.name = a.name, .attempts = host_attempts(c.plan, c.tried), .tried = before, .is_first = is_first});
    return made;
}

// The attempt has done its part for its call.
void call_machine::detach(std::uint32_t attempt_of) {
    call& c = calls_[attempts_[attempt_of].call];
    (c.hedge == attempt_of ? c.hedge : c.main) = none;
    attempts_[attempt_of].call = none;
}

void call_machine::created(attempt_key key, std::string_view handle) {
    attempt* const a = find(key);
    if (a == nullptr) return;
    a->handle.assign(handle);
    if (a->undetermined) ask_about(key.index);
}

const call_plan* call_machine::heard(attempt_key key, time_point now) {
    attempt* const a = find(key);
    if (a == nullptr) return nullptr;
    if (!a->started) a->started_at = now;
    a->started = true;
    a->heard_at = now;
    return a->call == none ? nullptr : &calls_[a->call].plan;
}

const call_plan* call_machine::heard_chunk(attempt_key key, std::uint64_t number, time_point now) {
    const call_plan* const plan = heard(key, now);
    if (plan == nullptr) return nullptr;
    call& c = calls_[attempts_[key.index].call];
    if (number != c.chunks) {
        fail_attempt(key.index, stream_begun_anew(*plan), now);
        return nullptr;
    }
    ++c.chunks;
    return plan;
}

void call_machine::alive(attempt_key key, std::string_view control, time_point now) {
    attempt* const a = find(key);
    if (a == nullptr) return;
    const bool begins = !a->started;
    // A job whose worker was lost begins elsewhere.
    const bool is_new = a->control != control;
    (void)heard(key, now);
    a->control.assign(control);
    if (a->call == none && is_new) return order_stop(*a);
    if (begins && a->call != none) schedule(a->call);
}

void call_machine::ended(attempt_key key, runtime::job_end end, time_point now) {
    attempt* const a = find(key);
    if (a == nullptr) return;
    const std::uint32_t which = a->call;
    if (which == none) {
        // Servers end withdrawn jobs for their clients, also those that run: the answer that is to come tells them apart.
        if (a->withdrawn && a->asking && end.how == runtime::job_end::kind::failed) return;
        return free_attempt(key.index);
    }
    raw_result outcome = read_end(std::move(end), calls_[which].plan);
    detach(key.index);
    free_attempt(key.index);
    if (outcome) return finish(which, std::move(outcome), now);
    try_again(which, std::move(outcome).error(), now);
}

// ---- Failures.

void call_machine::fail_attempt(std::uint32_t attempt_of, failure why, time_point now) {
    const std::uint32_t which = attempts_[attempt_of].call;
    why.task = calls_[which].plan.task;
    detach(attempt_of);
    give_up(attempt_of, now);
    try_again(which, std::move(why), now);
}

// What a stream has given cannot be taken back.
bool call_machine::may_try_again(const call& c, const failure& why) const {
    return c.plan.retry != nullptr && c.chunks == 0 && c.tried < c.plan.attempts() &&
           is_tried_again_after(why, *c.plan.retry, c.plan.typed_again);
}

void call_machine::try_again(std::uint32_t which, failure why, time_point now) {
    call& c = calls_[which];
    // A report about a lost worker says how many attempts its host has made.
    c.tried += why.code == errc::worker_lost ? std::clamp(why.attempt, 1U, 0xffffU) : 1U;  // as many as a host may make
    if (c.main != none || c.hedge != none) {  // the other copy may still give a result
        c.last = std::move(why);
        return schedule(which);
    }
    const bool again = may_try_again(c, why);
    const auto pause = again ? pause_after(c.tried, *c.plan.retry, random()) : std::chrono::milliseconds(0);
    if (!again || now + pause >= c.plan.until) {
        if (why.attempt != 0 || c.tried > 1) why.attempt = c.tried;
        return finish(which, std::move(why), now);
    }
    out_.tell_retry(c.plan, c.tried, why);
    c.last = std::move(why);
    if (pause.count() == 0) {
        c.now_in = phase::out;
        c.main = start(which, now);
    } else {
        c.now_in = phase::pausing;
        c.resume_at = now + pause;
    }
    schedule(which);
}

void call_machine::finish(std::uint32_t which, raw_result outcome, time_point now) {
    for (const std::uint32_t one : {calls_[which].main, calls_[which].hedge}) {
        if (one == none) continue;
        detach(one);
        give_up(one, now);
    }
    due_.erase(which);
    call& c = calls_[which];
    by_id_.erase(c.plan.id);
    call_plan plan = std::move(c.plan);
    c.now_in = phase::out;
    c.hedged = c.looked = false;
    c.chunks = 0;
    c.submitted = c.tried = 0;
    c.last.reset();
    free_calls_.push_back(which);
    out_.tell(std::move(plan), std::move(outcome));
}

}  // namespace sheaf::detail
