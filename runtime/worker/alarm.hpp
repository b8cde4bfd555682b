// Something that rings at a given time: setting it costs one system call, and wakes nobody before.
#pragma once

#include <chrono>

#include "base/unique_fd.hpp"

namespace sheaf::runtime {

class alarm {
  public:
    /// Throws std::system_error when the process has no descriptor left.
    alarm();

    /// Rings at `when`, and not at the time that was set before. Any thread.
    void set(std::chrono::steady_clock::time_point when) noexcept;
    /// Returns when it has rung.
    void wait() noexcept;

  private:
    unique_fd timer_;
};

}  // namespace sheaf::runtime
