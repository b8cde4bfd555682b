// Accepts streams on a TCP address, on all that a name has, or on a Unix-domain socket.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include "net/stream.hpp"
#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::net {

/// Listens from construction to destruction. A Unix-domain socket's file is made readable by its owner only, replaces a
/// stale one (which nobody listens on), and is removed at the end.
class listener {
  public:
    using callback = std::function<void(stream_socket)>;

    /// Throws runtime_failure with the address and the reason when it cannot listen.
    listener(loop& where, const endpoint& at, int backlog, callback accepted);
    ~listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;

    /// Where it really listens: the port is the one the system chose when 0 was asked for, the same at every address.
    [[nodiscard]] const endpoint& local() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace sheaf::net
