// Asking a running cluster to do something.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "base/unique_fd.hpp"
#include "sheaf/runtime/error.hpp"
#include "up/control.hpp"

namespace sheaf::up {

/// A connection to the process that runs a cluster.
class control_client {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Throws runtime_failure (connection_failed) when nobody listens at `path`.
    explicit control_client(const std::filesystem::path& path);

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Sends `request` and waits for the answer's sentence. Errors: timeout, connection_lost, server_error (it said no).
    [[nodiscard]] basic_result<std::string> ask(const control_request& request, time_point deadline);
    /// Waits until the process has ended. Returns whether it has.
    [[nodiscard]] bool wait_gone(time_point deadline) const;

  private:
    unique_fd socket_;
    pid_t pid_ = 0;
    unique_fd process_;
};

}  // namespace sheaf::up
