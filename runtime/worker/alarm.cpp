#include "worker/alarm.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

#include "base/assert.hpp"

namespace sheaf::runtime {

// The steady clock is the monotonic one.
alarm::alarm() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    if (!timer_) throw std::system_error(errno, std::generic_category(), "timerfd_create");
}

void alarm::set(std::chrono::steady_clock::time_point when) noexcept {
    using std::chrono::nanoseconds;
    using std::chrono::seconds;
    const auto since = std::max<nanoseconds>(when.time_since_epoch(), nanoseconds(1));  // 0 would mean never
    const auto whole = std::chrono::duration_cast<seconds>(since);
    itimerspec how{};
    how.it_value = {.tv_sec = whole.count(), .tv_nsec = (since - whole).count()};
    const int failed = ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &how, nullptr);
    SHEAF_ASSERT(failed == 0, "a timer takes any time");
}

void alarm::wait() noexcept {
    std::uint64_t times = 0;
    while (::read(timer_.get(), &times, sizeof times) < 0) SHEAF_ASSERT(errno == EINTR, "a timer can be waited for");
}

}  // namespace sheaf::runtime
