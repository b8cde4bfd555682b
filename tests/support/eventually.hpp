// Waiting for what another process or thread does, where nothing tells of it.
#pragma once

#include <chrono>
#include <poll.h>

#include "support/deadline.hpp"

namespace sheaf::test {

/// Waits until `condition` holds, looking every millisecond; false when it does not in time.
template <class Condition>
[[nodiscard]] bool eventually(const Condition& condition, std::chrono::milliseconds limit = patience) {
    const deadline until(limit);
    while (!condition()) {
        if (until.poll_timeout() == 0) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

}  // namespace sheaf::test
