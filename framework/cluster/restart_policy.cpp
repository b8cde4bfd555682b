#include "cluster/restart_policy.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::detail {
namespace {

// Start failures that cost no pause: a crash that depends on chance is over soon, a real one fails five times quickly.
constexpr unsigned free_start_failures = 2;

}  // namespace

void restart_policy::on_ready(time_point now) {
    ready_since_ = now;
    start_failures_ = 0;
}

std::optional<restart_policy::time_point> restart_policy::on_exit(time_point now, end_cause why) {
    const auto ready_since = std::exchange(ready_since_, std::nullopt);
    if (!ready_since) {
        if (++start_failures_ >= limits_.start_failures_max) return std::nullopt;
        return now + pause(start_failures_ - std::min(start_failures_, free_start_failures));
    }
    if (why == end_cause::wish) return now;
    if (now - *ready_since >= limits_.forgiven_after) restarts_ = lost_jobs_ = 0;
    if (why == end_cause::job) return now + (++lost_jobs_ > limits_.free_restarts ? pause(1) : pause(0));
    ++restarts_;
    return now + pause(restarts_ - std::min(restarts_, limits_.free_restarts));
}

std::chrono::milliseconds restart_policy::pause(unsigned beyond_free) const {
    if (beyond_free == 0) return std::chrono::milliseconds(0);
    const unsigned doublings = std::min(beyond_free - 1, 16U);
    return std::min(limits_.pause_max, limits_.pause_min * (1U << doublings));
}

}  // namespace sheaf::detail
