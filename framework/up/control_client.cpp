#include "up/control_client.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "up/control_socket.hpp"

namespace sheaf::up {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Whether `descriptor` becomes readable in time.
bool wait_readable(const unique_fd& descriptor, steady_clock::time_point deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
        pollfd polled{descriptor.get(), POLLIN, 0};
        const int ready = ::poll(&polled, 1, static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 60'000)));
        if (ready > 0) return true;
        if (left <= 0) return false;
    }
}

pid_t peer_of(const unique_fd& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

}  // namespace

control_client::control_client(const std::filesystem::path& path) : socket_(make_control_socket()) {
    const auto address = control_address(path);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {  // NOLINT: the API
        throw runtime_failure({errc::connection_failed, "the cluster does not take requests at " + path.string() +
                                                            ": " + std::generic_category().message(errno)});
    }
    pid_ = peer_of(socket_);
    // It has the connection open, so this is the process that we talk to, and no later one with its number.
    process_ = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

basic_result<std::string> control_client::ask(const control_request& request, time_point deadline) {
    const std::string text = to_text(request);
    const error gone{errc::connection_lost, "the cluster ended before it answered"};
    if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return gone;
    if (!wait_readable(socket_, deadline)) return error{errc::timeout, "the cluster did not answer in time"};
    std::array<char, control_bytes_max> bytes{};
    const ssize_t n = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (n <= 0) return gone;
    const auto reply = parse_reply({bytes.data(), static_cast<std::size_t>(n)});
    if (!reply)
        return error{errc::malformed, "the cluster's answer makes no sense; is it of another version of sheaf?"};
    if (!reply->ok) return error{errc::server_error, reply->text};
    return reply->text;
}

bool control_client::wait_gone(time_point deadline) const { return !process_ || wait_readable(process_, deadline); }

}  // namespace sheaf::up
