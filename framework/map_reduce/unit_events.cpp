// The queue between the engine's thread and the driver's.
#include "map_reduce/unit_events.hpp"

#include <algorithm>
#include <utility>

namespace sheaf::detail {

void unit_events::push(unit_event event) {
    {
        const std::lock_guard held(mutex_);
        events_.push_back(std::move(event));
    }
    arrived_.notify_one();
}

void unit_events::on_result(std::uint64_t tag, raw_result outcome) { push({tag, 1, std::move(outcome), {}}); }

void unit_events::on_progress(std::uint64_t tag, std::uint64_t done, std::uint64_t total) {
    if (total == 0) return;
    push({tag, std::min(1.0, static_cast<double>(done) / static_cast<double>(total)), std::nullopt, {}});
}

std::vector<unit_event> unit_events::wait(std::optional<std::chrono::steady_clock::time_point> until,
                                          const std::stop_token& stop) {
    std::unique_lock held(mutex_);
    const auto some = [this] { return !events_.empty(); };
    if (until) {
        arrived_.wait_until(held, stop, *until, some);
    } else {
        arrived_.wait(held, stop, some);
    }
    return std::exchange(events_, {});
}

}  // namespace sheaf::detail
