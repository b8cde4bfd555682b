// Opens streams: resolves a name, tries its addresses, and gives up at a deadline.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/stream.hpp"
#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::net {

/// One attempt to reach one endpoint. Destroying it cancels the attempt; the callback is then not called.
class connector {
  public:
    using callback = std::function<void(basic_result<stream_socket>)>;

    connector(loop& where, endpoint to, std::chrono::milliseconds timeout, callback done);
    ~connector();
    connector(const connector&) = delete;
    connector& operator=(const connector&) = delete;

  private:
    struct attempt;
    std::shared_ptr<attempt> attempt_;
};

}  // namespace sheaf::net
