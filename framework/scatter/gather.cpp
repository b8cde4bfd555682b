#include <string>

#include "scatter/scatter_terms.hpp"
#include <sheaf/gather.hpp>

namespace sheaf::detail {

using kind = gather_policy::kind;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t causes_max = 8;

}  // namespace

void gather_decision::failed(std::size_t index, const failure& why) {
    ++failures_;
    if (policy_.what() != kind::quorum || causes_.size() == causes_max) return;
    causes_.push_back("element " + std::to_string(index) + ": " + why.message);
}

bool gather_decision::has_enough() const noexcept {
    return (policy_.what() == kind::first || policy_.what() == kind::quorum) && values_ >= policy_.count();
}

bool gather_decision::is_hopeless(std::size_t possible) const noexcept {
    if (policy_.what() != kind::quorum || has_enough()) return false;
    return possible < policy_.count() - values_;
}

failure gather_decision::shortfall(std::string_view task) const {
    return {.code = errc::incomplete,
            .message = "a quorum of " + std::to_string(policy_.count()) + " cannot be had: " + std::to_string(values_) +
                       (values_ == 1 ? " call" : " calls") + " gave a value, and " + std::to_string(failures_) +
                       " failed",
            .task = std::string(task),
            .causes = causes_};
}

bool is_past(steady_clock::time_point until) noexcept {
    return until != steady_clock::time_point::max() && steady_clock::now() >= until;
}

steady_clock::time_point gather_decision::until(steady_clock::time_point now) const noexcept {
    return later(now, policy_.time());
}

void throw_ended_early(std::string_view task, std::size_t calls, gather_end why) {
    const std::string made = std::to_string(calls) + (calls == 1 ? " call was made" : " calls were made");
    if (why == gather_end::cancelled) {
        throw cancelled({.code = errc::cancelled,
                         .message = "the scatter was cancelled before all was called: " + made,
                         .task = std::string(task)});
    }
    throw timeout({.code = errc::timeout,
                   .message = "the scatter's deadline came before all was called: " + made,
                   .task = std::string(task),
                   .clock = call_clock::deadline});
}

}  // namespace sheaf::detail
