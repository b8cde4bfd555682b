// The invariants, one function for each.
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "support/history.hpp"
#include "support/history_records.hpp"

namespace sheaf::test {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::seconds drain_limit{10};
constexpr std::chrono::seconds call_grace{1};

using findings = std::vector<violation>;

// Submissions that share a handle are one job, of which one payload counts: even that of a submission without an answer.
void check_kept(const records& in, findings& found) {
    const auto is_there = [](const life* one) { return one->is_queued || !one->executions.empty(); };
    for (const auto& [handle, all] : in.by_handle) {
        if (in.dead.contains(handle)) continue;
        const std::string job = "job " + all.front()->acknowledged->job + ", acknowledged as " + handle + ", ";
        const auto executed = in.executed.find(handle);
        if (executed == in.executed.end()) {
            if (std::ranges::none_of(all, is_there)) found.push_back({"I1", job + "was never executed"});
        } else if (std::ranges::all_of(executed->second, &execution::failed)) {
            found.push_back({"I1", job + "has failed and is no dead letter"});
        }
    }
}

void check_ghosts(const records& in, findings& found) {
    for (const auto& [name, one] : in.lives) {
        if (one.executions.empty()) continue;
        if (one.submitted == nullptr) found.push_back({"I2", "job " + name + " was executed, which nobody submitted"});
        if (one.refused != nullptr) found.push_back({"I2", "job " + name + " was executed, although it was refused"});
    }
}

// It was handed out first to the one that begins later: until that one had read it, its connection was lost, and the job given to
// the other.
bool comes_late(const execution& before, const execution& late, const records& in) {
    const nanoseconds asked = start_of(*late.begun);
    return asked < before.begun->at && in.has_fault(late.begun->who, asked, before.begun->at);
}

void check_repeats(const records& in, findings& found) {
    const barriers on_disk(in);
    for (const auto& [name, one] : in.lives) {
        for (std::size_t i = 1; i < one.executions.size(); ++i) {
            const execution& before = one.executions[i - 1];
            if (before.failed) continue;
            const nanoseconds again = one.executions[i].begun->at;
            const nanoseconds safe = before.ended == never ? never : on_disk.after(before.ended);
            const nanoseconds start = start_of(*before.begun);
            if (in.has_fault({}, start, std::min(again, safe))) continue;
            if (in.has_fault(before.begun->who, start, std::min(again, before.ended))) continue;
            if (comes_late(before, one.executions[i], in)) continue;
            found.push_back({"I3", "job " + name + " was executed again by " + one.executions[i].begun->who +
                                       ", although no fault hit " + before.begun->who + " while it was in flight"});
        }
    }
}

void check_keys(const records& in, findings& found) {
    std::map<std::string, std::vector<const execution*>> by_key;
    for (const auto& [name, one] : in.lives) {
        if (one.submitted == nullptr || one.submitted->unique.empty()) continue;
        for (const execution& each : one.executions) by_key[one.submitted->unique].push_back(&each);
    }
    for (auto& [key, all] : by_key) {
        std::ranges::sort(all, {}, [](const execution* one) { return one->begun->at; });
        for (std::size_t i = 1; i < all.size(); ++i) {
            const execution& holder = *all[i - 1];
            const execution& next = *all[i];
            if (holder.done <= next.begun->at) continue;
            if (in.has_fault(holder.begun->who, start_of(*holder.begun), next.begun->at)) continue;
            if (comes_late(holder, next, in)) continue;
            found.push_back(
                {"I4", "key " + key + " was given to " + next.begun->who + " while " + holder.begun->who + " held it"});
        }
    }
}

void check_payloads(const records& in, findings& found) {
    for (const auto& [name, one] : in.lives) {
        if (one.submitted == nullptr) continue;
        const bool differs = std::ranges::any_of(
            one.executions, [&](const execution& each) { return each.begun->checksum != one.submitted->checksum; });
        if (differs) found.push_back({"I5", "job " + name + " came with another payload than it was submitted with"});
    }
}

// What is early by the wall clock says nothing if that was set in the meantime.
void check_times(const records& in, findings& found) {
    std::vector<const event*> jumps;
    std::ranges::copy_if(in.faults, std::back_inserter(jumps), [](const event* one) { return one->who == "clock"; });
    for (const auto& [name, one] : in.lives) {
        if (one.submitted == nullptr || one.submitted->run_at.count() == 0) continue;
        for (const execution& each : one.executions) {
            const auto jump = std::ranges::lower_bound(jumps, one.submitted->at, {}, &event::at);
            if (jump != jumps.end() && start_of(**jump) <= each.begun->at) continue;
            const auto early = one.submitted->run_at - each.begun->wall;
            if (early.count() <= 0) continue;
            found.push_back(
                {"I6", "job " + name + " was executed " + std::to_string(early.count()) + " ms before its time"});
        }
    }
}

void check_calls(const records& in, findings& found) {
    std::map<std::string, const event*> open;
    const nanoseconds last = in.all.empty() ? nanoseconds(0) : in.all.back().at;
    const auto settle = [&](const event& call, nanoseconds end) {
        const nanoseconds took = end - call.at;
        if (took <= call.limit + call_grace) return;
        found.push_back({"I7", "a call of " + call.who + " took " +
                                   std::to_string(std::chrono::floor<std::chrono::milliseconds>(took).count()) +
                                   " ms, and was to take " + std::to_string(call.limit.count())});
    };
    for (const event& one : in.all) {
        if (one.what == fact::called) open[one.who] = &one;
        if (one.what != fact::returned) continue;
        if (const auto call = open.extract(one.who); !call.empty()) settle(*call.mapped(), one.at);
    }
    for (const auto& [who, call] : open) {
        const bool is_gone = std::ranges::any_of(
            in.faults, [&](const event* fault) { return fault->who == call->who && fault->at >= call->at; });
        if (!is_gone) settle(*call, last);
    }
}

void check_drain(const records& in, findings& found) {
    nanoseconds healed = never;
    for (const event& one : in.all) {
        if (one.what == fact::fault) healed = never;
        if (one.what == fact::healed) healed = std::min(healed, one.at);
        if (one.what == fact::drained && healed != never) {
            if (one.at - healed > drain_limit) found.push_back({"I8", "the queue took more than 10 s to run empty"});
            healed = never;
        }
        if (one.what == fact::queued) found.push_back({"I8", "job " + one.job + " is still queued"});
    }
    if (healed != never) found.push_back({"I8", "the queue was never empty after the last fault"});
}

// A job may be passed over only by one that a worker had asked for earlier, or while it could be out at a worker that is lost.
void check_priorities(const records& in, findings& found) {
    struct wait {
        nanoseconds since;
        nanoseconds asked;  // when its worker asked
        const event* begun;
    };
    std::array<std::vector<wait>, 3> waits;
    for (const auto& [name, one] : in.lives) {
        if (one.submitted == nullptr || one.acknowledged == nullptr || one.executions.empty()) continue;
        if (one.submitted->run_at.count() != 0 || !one.submitted->unique.empty()) continue;
        const event* const begun = one.executions.front().begun;
        if (in.has_any_fault(one.acknowledged->at, begun->at)) continue;
        waits.at(static_cast<std::size_t>(one.submitted->priority))
            .push_back({one.acknowledged->at, begun->asked_at, begun});
    }
    std::vector<wait> higher;
    for (const std::vector<wait>& level : waits) {
        std::ranges::sort(higher, {}, &wait::since);
        std::vector<nanoseconds> latest;  // of those that waited at least so long, the one asked for last
        for (const wait& one : higher)
            latest.push_back(std::max(one.asked, latest.empty() ? nanoseconds(0) : latest.back()));
        for (const wait& one : level) {
            const auto before = std::ranges::lower_bound(higher, one.asked, {}, &wait::since) - higher.begin();
            if (before == 0 || latest[static_cast<std::size_t>(before) - 1] <= one.begun->at) continue;
            found.push_back({"I9", "job " + one.begun->job + " was handed out before one of higher priority"});
        }
        higher.insert(higher.end(), level.begin(), level.end());
    }
}

bool share_key(const std::vector<const life*>& all) {
    return std::ranges::all_of(all, [&](const life* one) {
        return one->submitted != nullptr && !one->submitted->unique.empty() &&
               one->submitted->unique == all.front()->submitted->unique;
    });
}

void check_answer(const event& answer, const std::vector<const life*>& of, const records& in, findings& found) {
    nanoseconds created = never;
    for (const life* one : of) created = std::min(created, one->acknowledged->at);
    nanoseconds first = never;
    nanoseconds last_end{0};
    if (const auto all = in.executed.find(answer.handle); all != in.executed.end()) {
        for (const execution* one : all->second) {
            first = std::min(first, one->begun->at);
            last_end = std::max(last_end, one->failed ? never : one->ended);
        }
    }
    if (answer.what == fact::unknown && created < answer.asked_at && first > answer.at) {
        found.push_back({"I10", "handle " + answer.handle + " is unknown, whose job waits"});
    }
    // A fault may bring back what had just ended.
    const bool has_run = first != never;
    if (answer.what == fact::known && has_run && last_end < answer.asked_at && !in.has_fault({}, last_end, answer.at)) {
        found.push_back({"I10", "handle " + answer.handle + " is known, whose job has ended"});
    }
}

void check_handles(const records& in, findings& found) {
    for (const auto& [handle, all] : in.by_handle) {
        if (all.size() > 1 && !share_key(all)) {
            found.push_back({"I10", "handle " + handle + " was given to jobs " + all[0]->acknowledged->job + " and " +
                                        all[1]->acknowledged->job});
        }
    }
    for (const auto& [name, one] : in.lives) {
        if (one.acknowledged == nullptr) continue;
        for (const execution& each : one.executions) {
            if (each.begun->handle.empty() || each.begun->handle == one.acknowledged->handle) continue;
            found.push_back({"I10", "job " + name + " was acknowledged as " + one.acknowledged->handle +
                                        ", and handed out as " + each.begun->handle});
        }
    }
    for (const event& one : in.all) {
        if (one.what != fact::known && one.what != fact::unknown) continue;
        const auto of = in.by_handle.find(one.handle);
        if (of != in.by_handle.end()) check_answer(one, of->second, in, found);
    }
}

void sort_by_time(history& all) { std::ranges::stable_sort(all, {}, &event::at); }

}  // namespace

std::vector<violation> check(history all) {
    sort_by_time(all);
    const records in(all);
    findings found;
    for (const auto rule : {check_kept, check_ghosts, check_repeats, check_keys, check_payloads, check_times,
                            check_calls, check_drain, check_priorities, check_handles}) {
        rule(in, found);
    }
    return found;
}

std::string complaints(const history& all) {
    constexpr std::size_t shown = 5;
    std::map<std::string, std::size_t> counts;
    std::string text;
    for (const violation& one : check(all)) {
        if (++counts[one.invariant] <= shown) text += one.invariant + ": " + one.what + "\n";
    }
    for (const auto& [invariant, count] : counts) {
        if (count > shown) text += invariant + ": and " + std::to_string(count - shown) + " more\n";
    }
    return text;
}

summary summarize(const history& all) {
    history sorted = all;
    sort_by_time(sorted);
    const records in(sorted);
    const barriers on_disk(in);
    summary sum;
    sum.faults = in.faults.size();
    sum.dead = in.dead.size();
    for (const auto& [name, one] : in.lives) {
        sum.submitted += one.submitted != nullptr;
        sum.acknowledged += one.acknowledged != nullptr;
        sum.refused += one.refused != nullptr;
        sum.executions += one.executions.size();
        for (std::size_t i = 1; i < one.executions.size(); ++i) sum.again += !one.executions[i - 1].failed;
        for (const execution& each : one.executions) {
            const nanoseconds safe = each.ended == never ? never : on_disk.after(each.ended);
            sum.in_flight += in.has_fault({}, start_of(*each.begun), safe);
        }
    }
    for (const violation& one : check(std::move(sorted))) {
        sum.lost += one.invariant == "I1";
        sum.ghosts += one.invariant == "I2";
        sum.corrupted += one.invariant == "I5";
    }
    return sum;
}

}  // namespace sheaf::test
