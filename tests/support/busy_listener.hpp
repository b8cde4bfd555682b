// A Unix-domain socket on which somebody listens who does not accept, and has no room for another connection.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

#include "support/process.hpp"

namespace sheaf::test {

class busy_listener {
  public:
    explicit busy_listener(const std::string& path) : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        if (::bind(listener_.get(), generic, sizeof address) != 0) throw_errno("bind");
        if (::listen(listener_.get(), 0) != 0) throw_errno("listen");
        do {
            waiting_.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        } while (::connect(waiting_.back().get(), generic, sizeof address) == 0);
        if (errno != EAGAIN) throw_errno("connect");
    }

  private:
    unique_fd listener_;
    std::vector<unique_fd> waiting_;
};

}  // namespace sheaf::test
