#include "cluster/cancelled_calls.hpp"

namespace sheaf::detail {

void cancelled_calls::remember(std::uint64_t call, time_point now) {
    while (!oldest_first_.empty() && (oldest_first_.front().until <= now || oldest_first_.size() >= calls_max)) {
        calls_.erase(oldest_first_.front().call);
        oldest_first_.pop_front();
    }
    if (calls_.insert(call).second) oldest_first_.push_back({call, now + kept_for});
}

bool cancelled_calls::take(std::uint64_t call) { return calls_.erase(call) != 0; }

}  // namespace sheaf::detail
