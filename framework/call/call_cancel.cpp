// Attempts that were given up: their jobs are taken from the queue, or the workers that run them are told to stop.
#include <algorithm>
#include <utility>

#include "call/call_machine.hpp"

namespace sheaf::detail {
namespace {

// How soon, and how rarely at last, it is looked whether an attempt has ended.
constexpr std::chrono::milliseconds first_look{200};
constexpr unsigned doublings_max = 5;
// A server that is asked about thousands of jobs at once would answer nothing else meanwhile.
constexpr std::size_t asks_max = 256;
// Whoever stops something for us takes the next job, which may be another one that nobody waits for any more: for so long
// it is told of those, too, in batches.
constexpr std::chrono::seconds told_time{1};
constexpr std::chrono::milliseconds spread_time{10};
constexpr std::size_t undetermined_max = std::size_t{1} << 16;
// What everybody is told at once.
constexpr std::size_t unfound_max = 256;

}  // namespace

void call_machine::give_up(std::uint32_t attempt_of, time_point now) {
    attempt& a = attempts_[attempt_of];
    // A question that is out was asked for its call; its answer will do.
    const bool was_asking = std::exchange(a.asking, false);
    if (!a.can_be_stopped) return settle(attempt_of);
    a.looks = 0;
    a.hopeless_at = now + given_up_time;
    watched_.set(attempt_of, now + first_look);
    if (was_asking) {
        a.asking = a.in_window = true;
        ++asks_out_;
    }
    if (!a.control.empty()) return order_stop(a);
    if (undetermined_.size() < undetermined_max) undetermined_.push_back(a.name);
    spread_at_ = std::min(spread_at_, now + spread_time);
    a.undetermined = true;
    ++undetermined_count_;
    if (!a.handle.empty()) ask_about(attempt_of);
}

// Its end has not been heard of: answers, orders and signs of life may be lost, and jobs move to other workers.
void call_machine::look_after(std::uint32_t attempt_of, time_point now) {
    attempt& a = attempts_[attempt_of];
    if (now >= a.hopeless_at) return settle(attempt_of);
    ++a.looks;
    watched_.set(attempt_of, now + first_look * (1U << std::min(a.looks, doublings_max)));
    if (!a.handle.empty()) ask_about(attempt_of);
}

void call_machine::ask_about(std::uint32_t attempt_of) {
    attempt& a = attempts_[attempt_of];
    if (a.asking || std::exchange(a.waits_to_ask, true)) return;
    to_ask_.push_back(key_of(attempt_of));
    ask_about_given_up();
}

void call_machine::ask_about_given_up() {
    while (asks_out_ < asks_max && !to_ask_.empty()) {
        const attempt_key key = to_ask_.front();
        to_ask_.pop_front();
        attempt* const a = find(key);
        if (a == nullptr) continue;
        a->waits_to_ask = false;
        if (!a->asking) ask_now(key.index);
    }
}

void call_machine::ask_now(std::uint32_t attempt_of) {
    attempt& a = attempts_[attempt_of];
    a.asking = a.in_window = true;
    ++asks_out_;
    out_.ask_status(key_of(attempt_of), a.handle);
}

void call_machine::status_of_given_up(std::uint32_t attempt_of, const runtime::job_status& said) {
    attempt& a = attempts_[attempt_of];
    if (!said.known) return settle(attempt_of);
    if (!said.running) {
        if (a.withdrawn) return settle(attempt_of);  // stock servers count it until a worker grabs past it
        a.withdrawn = true;
        out_.withdraw(key_of(attempt_of));
        return ask_now(attempt_of);  // it may have begun before the server heard of that
    }
    if (!a.control.empty() && a.looks != 0) order_stop(a);
    // The worker's sign of life will say to whom the order goes; unless it is late, or the server has ended the job for us.
    const bool is_lost = a.control.empty() ? a.looks != 0 || a.withdrawn : a.looks > 1;
    if (is_lost) order_everybody(attempt_of);
}

// The worker is known: it is told with the next flush().
void call_machine::order_stop(attempt& a) {
    determine(a);
    orders_[a.control].push_back(a.name);
}

void call_machine::order_everybody(std::uint32_t attempt_of) {
    if (unfound_.size() < unfound_max) unfound_.push_back(key_of(attempt_of));
    if (std::exchange(asking_controls_, true)) return;
    out_.ask_controls();
}

void call_machine::controls(const std::vector<std::string>& all) {
    asking_controls_ = false;
    for (const attempt_key key : std::exchange(unfound_, {})) {
        const attempt* const a = find(key);
        if (a == nullptr) continue;
        for (const std::string& control : all) orders_[control].push_back(a->name);
    }
}

void call_machine::forget_question(attempt& a) {
    a.asking = false;
    if (std::exchange(a.in_window, false)) --asks_out_;
}

// Where it is is known now, or does not matter any more.
void call_machine::determine(attempt& a) {
    if (std::exchange(a.undetermined, false)) --undetermined_count_;
}

// Nothing more can be done about it.
void call_machine::settle(std::uint32_t attempt_of) {
    out_.drop(key_of(attempt_of));
    free_attempt(attempt_of);
}

void call_machine::flush(time_point now) {
    const bool spreads = now >= spread_at_;
    if (orders_.empty() && !spreads) return;
    for (auto at = told_.begin(); at != told_.end();) {
        if (at->second <= now) {
            at = told_.erase(at);
        } else {
            if (spreads) orders_.try_emplace(at->first);
            ++at;
        }
    }
    for (auto& [control, names] : orders_) {
        names.insert(names.end(), undetermined_.begin(), undetermined_.end());
        if (!names.empty()) out_.send_order(control, names);
        if (told_.size() < asks_max) told_[control] = now + told_time;
    }
    orders_.clear();
    if (!spreads) return;
    undetermined_.clear();
    spread_at_ = time_point::max();
}

}  // namespace sheaf::detail
