// The socket over which a cluster is controlled, as both ends make it.
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>

#include "base/unique_fd.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::up {

/// Throws runtime_failure when `path` is too long.
inline sockaddr_un control_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) {
        throw runtime_failure({errc::invalid_argument, path.string() + " is too long for a socket"});
    }
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    return address;
}

/// Throws runtime_failure. It carries whole messages, and never blocks.
inline unique_fd make_control_socket() {
    unique_fd made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made) throw runtime_failure({errc::io_error, "no socket: " + std::generic_category().message(errno)});
    return made;
}

}  // namespace sheaf::up
