// The clocks of calls: when an attempt has waited, run or been silent for too long, and what is then found out first.
#include <algorithm>
#include <utility>

#include "call/call_failures.hpp"
#include "call/call_machine.hpp"

namespace sheaf::detail {
namespace {

using std::chrono::milliseconds;

constexpr auto never = call_plan::time_point::max();
// The worker enforces the attempt time-out; its report may take so long before the client does it by itself.
milliseconds grace_for(milliseconds attempt_timeout) {
    return std::clamp(attempt_timeout / 4, milliseconds(20), milliseconds(1000));
}
// How long a call whose time in the queue is over waits for the answer who offers its task.
constexpr milliseconds judging_time{500};
// How long before the deadline it is found out who offers the task, so that the failure can say so.
constexpr milliseconds look_ahead{500};
// How long that answer is good for.
constexpr milliseconds look_again_after{1000};
constexpr milliseconds look_outlived{3000};
constexpr std::size_t functions_max = 1024;

}  // namespace

void call_machine::schedule(std::uint32_t which) {
    const call& c = calls_[which];
    call_plan::time_point next = c.plan.until;
    if (c.now_in != phase::out) {
        next = std::min(next, c.resume_at);
    } else {
        if (!c.looked && next != never)
            next -= std::min(look_ahead, std::chrono::duration_cast<milliseconds>(next - c.made_at) / 2);
        if (c.plan.hedge.count() > 0 && !c.hedged) next = std::min(next, c.made_at + c.plan.hedge);
        if (c.main != none) next = std::min(next, next_check(c.plan, attempts_[c.main]));
        if (c.hedge != none) next = std::min(next, next_check(c.plan, attempts_[c.hedge]));
    }
    if (next == never) return due_.erase(which);
    due_.set(which, next);
}

call_machine::time_point call_machine::next_check(const call_plan& plan, const attempt& a) const {
    time_point next = never;
    if (plan.attempt_timeout.count() > 0 && a.started) {
        next = a.started_at + plan.attempt_timeout + grace_for(plan.attempt_timeout);
    }
    if (a.asking) return next;
    if (plan.attempt_timeout.count() > 0 && !a.started) {
        next = std::min(next, a.looked_at + std::max(plan.attempt_timeout / 2, milliseconds(10)));
    }
    if (plan.queue_timeout.count() > 0 && !a.started) next = std::min(next, a.queued_at + plan.queue_timeout);
    if (plan.heartbeat.count() > 0) next = std::min(next, a.heard_at + plan.heartbeat);
    return next;
}

void call_machine::tick(time_point now) {
    while (due_.first_time() <= now) examine(due_.first(), now);
    while (watched_.first_time() <= now) look_after(watched_.first(), now);
}

call_machine::time_point call_machine::next_deadline() const noexcept {
    return std::min({due_.first_time(), spread_at_, watched_.first_time()});
}

void call_machine::examine(std::uint32_t which, time_point now) {
    call& c = calls_[which];
    if (now >= c.plan.until) return deadline_came(which, now);
    if (c.now_in == phase::judging) {
        if (now >= c.resume_at) return judge(which, std::nullopt, now);
        return schedule(which);
    }
    if (c.now_in == phase::pausing) {
        if (now >= c.resume_at) {
            c.now_in = phase::out;
            c.main = start(which, now);
        }
        return schedule(which);
    }
    const auto ahead = std::min(look_ahead, std::chrono::duration_cast<milliseconds>(c.plan.until - c.made_at) / 2);
    if (!c.looked && c.plan.until != never && now >= c.plan.until - ahead) {
        c.looked = true;
        if (c.main != none && !attempts_[c.main].started) look_who_offers(c.plan.task, now);
    }
    if (c.plan.hedge.count() > 0 && !c.hedged && now >= c.made_at + c.plan.hedge) {
        c.hedged = true;
        c.hedge = start(which, now);
    }
    for (const std::uint32_t one : {c.main, c.hedge}) {
        if (one != none && !examine_attempt(which, one, now)) return;
    }
    schedule(which);
}

// False when the attempt has failed: then everything about the call may be different.
bool call_machine::examine_attempt(std::uint32_t which, std::uint32_t attempt_of, time_point now) {
    const call_plan& plan = calls_[which].plan;
    attempt& a = attempts_[attempt_of];
    if (next_check(plan, a) > now) return true;
    if (a.started && plan.attempt_timeout.count() > 0 &&
        now >= a.started_at + plan.attempt_timeout + grace_for(plan.attempt_timeout)) {
        fail_attempt(attempt_of, attempt_took_too_long(plan), now);
        return false;
    }
    if (!a.handle.empty()) {
        a.asking = true;
        out_.ask_status(key_of(attempt_of), a.handle);
        return true;
    }
    // No server has taken it yet: there is nobody to be asked.
    a.heard_at = a.looked_at = now;
    if (plan.queue_timeout.count() == 0 || now < a.queued_at + plan.queue_timeout) return true;
    queue_time_over(which, attempt_of, now);
    return false;
}

void call_machine::status(attempt_key key, const std::optional<runtime::job_status>& said, time_point now) {
    attempt* const a = find(key);
    if (a == nullptr || !a->asking) return;
    if (a->call != none) {
        a->asking = false;
        return status_of_live(key.index, said, now);
    }
    forget_question(*a);
    if (said) {
        a->hopeless_at = now + given_up_time;
        status_of_given_up(key.index, *said);
    }
    ask_about_given_up();
}

void call_machine::status_of_live(std::uint32_t attempt_of, const std::optional<runtime::job_status>& said,
                                  time_point now) {
    attempt& a = attempts_[attempt_of];
    const std::uint32_t which = a.call;
    const call_plan& plan = calls_[which].plan;
    if (said && said->running) {
        const bool silent = plan.heartbeat.count() > 0 && now >= a.heard_at + plan.heartbeat;
        if (a.started && silent) return fail_attempt(attempt_of, worker_fell_silent(plan), now);
        if (!a.started) a.started_at = a.heard_at = now;
        a.started = true;
        return schedule(which);
    }
    // It waits, perhaps again because its worker was lost.
    if (a.started) a.queued_at = now;
    a.started = false;
    a.heard_at = a.looked_at = now;
    if (plan.queue_timeout.count() > 0 && now >= a.queued_at + plan.queue_timeout) {
        return queue_time_over(which, attempt_of, now);
    }
    schedule(which);
}

// ---- Why a call waits.

void call_machine::queue_time_over(std::uint32_t which, std::uint32_t attempt_of, time_point now) {
    detach(attempt_of);
    give_up(attempt_of, now);
    call& c = calls_[which];
    if (c.main != none || c.hedge != none) return schedule(which);
    c.now_in = phase::judging;
    c.resume_at = now + judging_time;
    judging_.push_back(c.plan.id);
    functions_[c.plan.task].asked_at = time_point::min();
    look_who_offers(c.plan.task, now);
    schedule(which);
}

void call_machine::judge(std::uint32_t which, std::optional<std::uint64_t> workers, time_point now) {
    failure why = waited_too_long(calls_[which].plan, workers);
    calls_[which].now_in = phase::out;
    try_again(which, std::move(why), now);
}

void call_machine::look_who_offers(const std::string& function, time_point now) {
    if (functions_.size() >= functions_max && !functions_.contains(function)) functions_.clear();
    function_look& look = functions_[function];
    if (look.asking) return;
    if (look.asked_at != time_point::min() && now < look.asked_at + look_again_after) return;
    look.asked_at = now;
    look.asking = true;
    out_.ask_offered(function);
}

void call_machine::offered(const std::string& function, std::optional<std::uint64_t> workers, time_point now) {
    if (const auto found = functions_.find(function); found != functions_.end()) {
        found->second.asking = false;
        found->second.workers = workers;
    }
    std::vector<call_id> waiting;
    waiting.swap(judging_);
    for (const call_id id : waiting) {
        const auto at = by_id_.find(id);
        if (at == by_id_.end() || calls_[at->second].now_in != phase::judging) continue;
        if (calls_[at->second].plan.task == function) {
            judge(at->second, workers, now);
        } else {
            judging_.push_back(id);
        }
    }
}

void call_machine::deadline_came(std::uint32_t which, time_point now) {
    const call& c = calls_[which];
    waiting_for waits;
    waits.taken = c.main == none || !attempts_[c.main].handle.empty();
    waits.begun = (c.main != none && attempts_[c.main].started) || (c.hedge != none && attempts_[c.hedge].started);
    if (const auto found = functions_.find(c.plan.task); found != functions_.end() &&
                                                         found->second.asked_at != time_point::min() &&
                                                         now < found->second.asked_at + look_outlived) {
        waits.workers = found->second.workers;
    }
    failure why = deadline_over(c.plan, waits);
    why.attempt = c.tried + (waits.begun ? 1 : 0);
    if (c.last) why.causes.push_back("an attempt before: " + c.last->message);
    finish(which, std::move(why), now);
}

}  // namespace sheaf::detail
