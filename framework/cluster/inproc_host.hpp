// A program's cluster without processes: server, workers and driver are threads of one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cluster/worker_program.hpp"
#include <sheaf/runtime/endpoint.hpp>

namespace sheaf::detail {

/// A job server on a private socket, and the handlers of a program in threads. Calls go the way that they go between machines:
/// encoded, through the server, with the schema checked. What only processes give is missing: a handler that crashes takes
/// the program with it, and one that does not return cannot be ended.
class inproc_host {
  public:
    /// `slots` handlers run at the same time. Returns when calls may be made. Throws runtime_failure, and std::logic_error
    /// when there is no task.
    inproc_host(worker_program program, std::size_t slots);
    /// Asks running handlers to stop, and waits for them.
    ~inproc_host();
    inproc_host(const inproc_host&) = delete;
    inproc_host& operator=(const inproc_host&) = delete;

    [[nodiscard]] const endpoint& server() const noexcept;

  private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace sheaf::detail
