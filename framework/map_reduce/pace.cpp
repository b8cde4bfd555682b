// The arithmetic of stragglers.
#include "map_reduce/pace.hpp"

#include <algorithm>

namespace sheaf::detail {

using std::chrono::nanoseconds;

void pace::note(std::uint64_t cost, nanoseconds took) {
    notes_[noted_ % notes_max] =
        static_cast<double>(took.count()) / static_cast<double>(std::max<std::uint64_t>(1, cost));
    ++noted_;
    std::array<double, notes_max> sorted = notes_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(noted_, notes_max));
    const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
    std::nth_element(sorted.begin(), middle, end);
    median_ = *middle;
}

std::optional<nanoseconds> pace::expected(std::uint64_t cost) const {
    if (noted_ < notes_needed) return std::nullopt;
    return nanoseconds(static_cast<std::int64_t>(median_ * static_cast<double>(std::max<std::uint64_t>(1, cost))));
}

nanoseconds attempt_progress::time_left(nanoseconds expected, time_point now) const noexcept {
    const nanoseconds old = age(now);
    // An attempt that says nothing is as far as a common one would be; once it should have ended, it may take as long again.
    if (share <= 0) return old < expected ? expected - old : old;
    return nanoseconds(static_cast<std::int64_t>(static_cast<double>(old.count()) * (1 - share) / share));
}

bool backup_rules::pays(const attempt_progress& slow, nanoseconds expected, bool idle,
                        attempt_progress::time_point now) const noexcept {
    const nanoseconds left = slow.time_left(expected, now);
    const nanoseconds old = slow.age(now);
    if (idle) return old > expected + expected / 5 && left > expected + noise;
    // Nobody has begun it, and the slots are busy: a backup would wait behind it.
    if (!slow.began) return false;
    return old > expected && left > 2 * expected + noise;
}

bool backup_rules::is_crawling(const attempt_progress& slow, nanoseconds expected,
                               attempt_progress::time_point now) const noexcept {
    return slow.time_left(expected, now) > 2 * expected + noise;
}

}  // namespace sheaf::detail
