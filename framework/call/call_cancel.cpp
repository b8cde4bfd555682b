// Attempts that were given up: their jobs are taken from the queue, or the workers that run them are told to stop.
#include <algorithm>
#include <utility>

#include "call/call_machine.hpp"

namespace sheaf::detail {
namespace {

// What is still unknown after so long will not become known.
constexpr std::chrono::seconds given_up_time{30};
// A server that is asked about thousands of jobs at once would answer nothing else meanwhile.
constexpr std::size_t asks_max = 256;
// Whoever stops something for us takes the next job, which may be another one that nobody waits for any more: for so long
// it is told of those, too, in batches.
constexpr std::chrono::seconds told_time{1};
constexpr std::chrono::milliseconds spread_time{10};
constexpr std::size_t undetermined_max = std::size_t{1} << 16;

}  // namespace

void call_machine::give_up(std::uint32_t attempt_of, time_point now) {
    attempt& a = attempts_[attempt_of];
    // A question that is out was asked for its call: it is answered to nobody.
    const bool was_asking = std::exchange(a.asking, false);
    if (!a.can_be_stopped) return settle(attempt_of);
    if (!a.control.empty()) {
        given_up_.push_back({now + given_up_time, key_of(attempt_of)});
        return order_stop(a);
    }
    if (undetermined_.size() < undetermined_max) undetermined_.push_back(a.name);
    spread_at_ = std::min(spread_at_, now + spread_time);
    a.undetermined = true;
    ++undetermined_count_;
    given_up_.push_back({now + given_up_time, key_of(attempt_of)});
    if (was_asking) {
        a.asking = true;
        ++asks_out_;
        return;
    }
    if (!a.handle.empty()) ask_about(attempt_of);
}

void call_machine::ask_about(std::uint32_t attempt_of) {
    to_ask_.push_back(key_of(attempt_of));
    ask_about_given_up();
}

void call_machine::ask_about_given_up() {
    while (asks_out_ < asks_max && !to_ask_.empty()) {
        const attempt_key key = to_ask_.front();
        to_ask_.pop_front();
        attempt* const a = find(key);
        if (a == nullptr || !a->undetermined || a->asking) continue;
        a->asking = true;
        ++asks_out_;
        out_.ask_status(key, a->handle);
    }
}

// The worker is known: it is told with the next flush().
void call_machine::order_stop(attempt& a) {
    forget_question(a);
    orders_[a.control].push_back(a.name);
}

// Where it is is known now, or does not matter any more.
void call_machine::forget_question(attempt& a) {
    if (!std::exchange(a.undetermined, false)) return;
    --undetermined_count_;
    if (std::exchange(a.asking, false)) --asks_out_;
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
