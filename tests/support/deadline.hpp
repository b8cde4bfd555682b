// A point in time until which a test waits for another process, and the poll() that respects it.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <system_error>

namespace sheaf::test {

/// How long a test waits for something that should happen at once, on a machine that is busy with other things.
inline constexpr std::chrono::milliseconds patience{20000};

/// What tests throw when the outside world does not do its part; GoogleTest reports it as a failure.
class peer_failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

[[noreturn]] inline void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class deadline {
  public:
    explicit deadline(std::chrono::milliseconds from_now) : at_(std::chrono::steady_clock::now() + from_now) {}

    [[nodiscard]] int poll_timeout() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - std::chrono::steady_clock::now());
        return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
    }

    /// Waits until one of `events` (or a hang-up) is there for `descriptor`; false when the time is over.
    [[nodiscard]] bool wait(int descriptor, short events) const {
        for (;;) {
            pollfd one{descriptor, events, 0};
            const int ready = ::poll(&one, 1, poll_timeout());
            if (ready > 0) return true;
            if (ready == 0) return false;
            if (errno != EINTR) throw_errno("poll");
        }
    }

  private:
    std::chrono::steady_clock::time_point at_;
};

}  // namespace sheaf::test
