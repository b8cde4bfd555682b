// Keeps sockets out of the programs that this one starts.
#pragma once

#include <fcntl.h>

namespace sheaf::net {

/// A program that a handler starts must not hold a connection open after its worker has died, nor a port after its
/// server. Asio opens sockets without SOCK_CLOEXEC, so this is called right after.
inline void close_on_exec(int descriptor) noexcept { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace sheaf::net
