// Where a running cluster hears what it is asked to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "up/control.hpp"

namespace sheaf::up {

/// Listens on a Unix-domain socket of whole messages, on a thread of its own.
class control_server {
  public:
    /// Names the request that an answer is for.
    using request_id = std::uint64_t;
    /// Called on the server's thread for each request that makes sense. It has to return soon.
    using listener = std::function<void(request_id, const control_request&)>;

    /// `path` is not there yet. Throws runtime_failure.
    control_server(const std::filesystem::path& path, listener hears);
    /// Closes all connections. Does not remove the file.
    ~control_server();
    control_server(const control_server&) = delete;
    control_server& operator=(const control_server&) = delete;

    /// Answers `request`, if who asked is still there. Any thread.
    void reply(request_id request, const control_reply& with);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::up
