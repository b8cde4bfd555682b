#include "call/retry_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>

#include "call/call_plan.hpp"
#include <sheaf/detail/typed_call.hpp>

namespace sheaf::detail {
namespace {

// The class that throw_failure() throws.
std::type_index class_of(const failure& why) {
    switch (why.code) {
        case errc::remote_exception: return typeid(remote_error);
        case errc::worker_lost: return typeid(worker_lost);
        case errc::timeout: return typeid(timeout);
        case errc::no_worker: return typeid(no_worker);
        case errc::not_supported: return typeid(not_supported);
        case errc::cancelled: return typeid(cancelled);
        case errc::schema_mismatch: return typeid(schema_mismatch);
        case errc::would_deadlock: return typeid(would_deadlock);
        case errc::unknown_job:
        case errc::result_gone: return typeid(result_gone);
        case errc::connection_failed:
        case errc::connection_lost: return typeid(connection_error);
        default: return typeid(call_error);
    }
}

bool is_of_this_library(std::type_index one) {
    return one == typeid(call_error) || one == typeid(remote_error) || one == typeid(worker_lost) ||
           one == typeid(timeout) || one == typeid(no_worker) || one == typeid(not_supported) ||
           one == typeid(cancelled) || one == typeid(schema_mismatch) || one == typeid(would_deadlock) ||
           one == typeid(connection_error) || one == typeid(result_gone);
}

std::string name_of(std::type_index one) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        abi::__cxa_demangle(one.name(), nullptr, nullptr, &status), &std::free);
    return demangled ? demangled.get() : one.name();
}

// What the call itself is not to blame for.
bool is_bad_luck(const failure& why) {
    return why.code == errc::worker_lost || why.code == errc::connection_lost ||
           (why.code == errc::timeout && why.clock == call_clock::attempt);
}

// Users may give any number, and some are none.
double at_least_nothing(double x) { return x > 0 ? x : 0; }

}  // namespace

bool is_tried_again_after(const failure& why, const retry& rules, std::uint64_t typed_again) {
    if (why.code == errc::cancelled || why.clock == call_clock::deadline) return false;
    if (why.typed_index >= 0) return why.typed_index < 64 && ((typed_again >> why.typed_index) & 1U) != 0;
    bool again = is_bad_luck(why);
    const std::type_index thrown = class_of(why);
    for (const retry::rule& one : rules.rules()) {
        // call_error is the base of all the others.
        if (one.about == thrown || one.about == typeid(call_error)) again = one.again;
    }
    return again;
}

std::chrono::milliseconds pause_after(unsigned tried, const retry& rules, double random) {
    if (rules.first_pause().count() <= 0) return std::chrono::milliseconds(0);  // and not nothing times infinity
    const double growth = std::pow(at_least_nothing(rules.factor()), static_cast<double>(tried == 0 ? 0 : tried - 1));
    const auto cap = std::clamp(rules.longest_pause(), std::chrono::milliseconds(0), longest_time);
    const auto longest = static_cast<double>(cap.count());
    const double whole = std::min(static_cast<double>(rules.first_pause().count()) * growth, longest);
    const double share = std::min(at_least_nothing(rules.jitter_share()), 1.0);
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::max(whole * (1.0 - share * random), 0.0)));
}

std::uint64_t typed_again(std::string_view task, const retry& rules, std::initializer_list<std::type_index> errors) {
    std::uint64_t bits = 0;
    for (const retry::rule& one : rules.rules()) {
        const auto found = std::find(errors.begin(), errors.end(), one.about);
        if (found == errors.end()) {
            if (is_of_this_library(one.about)) continue;
            throw std::invalid_argument("sheaf::retry: task \"" + std::string(task) + "\" does not throw " +
                                        name_of(one.about) + ". Name it in the task's throws<...>, or leave it out");
        }
        const std::uint64_t bit = std::uint64_t{1} << (found - errors.begin());
        bits = one.again ? bits | bit : bits & ~bit;
    }
    return bits;
}

}  // namespace sheaf::detail
