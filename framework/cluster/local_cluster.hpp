// A cluster of this program's own: a job server in this process and workers that run the same executable.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::detail {

struct local_cluster_options {
    std::vector<std::string> arguments;  ///< argv of this process: the workers get the same
    std::size_t workers = 1;             ///< processes
    /// As supervisor_options has them.
    std::function<void(const std::string& why)> on_failed;
    std::function<void(const std::string& line)> on_event;
};

/// Lives as long as the object or the process, whichever ends first.
class local_cluster {
  public:
    /// Returns when calls may be made; the workers may still be starting. Throws runtime_failure.
    explicit local_cluster(local_cluster_options how);
    ~local_cluster();
    local_cluster(const local_cluster&) = delete;
    local_cluster& operator=(const local_cluster&) = delete;

    [[nodiscard]] const endpoint& server() const noexcept;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace sheaf::detail
