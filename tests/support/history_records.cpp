#include "support/history_records.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::test {
namespace {

using std::chrono::nanoseconds;

void note_execution(life& of, const event& one) {
    if (one.what == fact::begun) return void(of.executions.push_back({&one}));
    const auto by_same = [&](const execution& each) { return each.begun->who == one.who; };
    const auto last = std::find_if(of.executions.rbegin(), of.executions.rend(), by_same);
    if (last == of.executions.rend()) return;
    (one.what == fact::ended ? last->ended : last->done) = one.at;
    last->failed = last->failed || one.what == fact::failed;
}

}  // namespace

nanoseconds start_of(const event& one) { return one.asked_at.count() == 0 ? one.at : one.asked_at; }

records::records(const history& from) : all(from) {
    for (const event& one : all) {
        switch (one.what) {
            case fact::submitted: lives[one.job].submitted = &one; break;
            case fact::acknowledged: lives[one.job].acknowledged = &one; break;
            case fact::refused: lives[one.job].refused = &one; break;
            case fact::begun:
            case fact::done:
            case fact::failed:
            case fact::ended: note_execution(lives[one.job], one); break;
            case fact::queued: lives[one.job].is_queued = true; break;
            case fact::dead: dead.insert(one.handle); break;
            case fact::fault: faults.push_back(&one); break;
            default: break;
        }
    }
    for (const auto& [name, one] : lives) {
        if (one.acknowledged != nullptr) by_handle[one.acknowledged->handle].push_back(&one);
        for (const execution& each : one.executions) executed[each.begun->handle].push_back(&each);
    }
    begins_.resize(faults.size());
    for (std::size_t i = faults.size(); i-- > 0;) {
        const bool is_last = i + 1 == faults.size();
        begins_[i] = std::min(start_of(*faults[i]), is_last ? never : begins_[i + 1]);
    }
}

bool records::has_fault(const std::string& who, nanoseconds after, nanoseconds until) const {
    const auto first = std::ranges::upper_bound(faults, after, {}, &event::at);
    return std::any_of(first, faults.end(), [&](const event* one) {
        return start_of(*one) <= until && (one->who.empty() || one->who == who);
    });
}

bool records::has_any_fault(nanoseconds after, nanoseconds until) const {
    const auto next = std::ranges::upper_bound(faults, after, {}, &event::at) - faults.begin();
    return static_cast<std::size_t>(next) < faults.size() && begins_[static_cast<std::size_t>(next)] <= until;
}

barriers::barriers(const records& in) {
    std::vector<std::pair<nanoseconds, nanoseconds>> all;
    for (const auto& [name, one] : in.lives) {
        const bool is_new = one.submitted != nullptr && one.acknowledged != nullptr && one.submitted->unique.empty();
        if (is_new) all.emplace_back(one.submitted->at, one.acknowledged->at);
    }
    std::ranges::sort(all);
    for (const auto& [sent, acknowledged] : all) {
        sent_.push_back(sent);
        acknowledged_.push_back(acknowledged);
    }
    for (std::size_t i = acknowledged_.size(); i-- > 1;) {
        acknowledged_[i - 1] = std::min(acknowledged_[i - 1], acknowledged_[i]);
    }
}

nanoseconds barriers::after(nanoseconds end) const {
    const auto next = std::ranges::upper_bound(sent_, end);
    return next == sent_.end() ? never : acknowledged_[static_cast<std::size_t>(next - sent_.begin())];
}

}  // namespace sheaf::test
