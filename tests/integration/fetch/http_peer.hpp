// The other side of HTTP, for tests: a server that says what the test wants, and a client that says anything.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>

#include "base/unique_fd.hpp"
#include "support/deadline.hpp"

namespace sheaf::test {

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

/// Answers requests with what `script` makes of them, one connection at a time. The script's answer ends the connection when
/// it is told so.
class scripted_server {
  public:
    struct answer {
        std::string bytes;
        bool close = false;
        bool hang = false;  ///< says nothing, and waits for the peer to leave
    };
    using script = std::function<answer(const std::string& request)>;

    explicit scripted_server(script what)
        : script_(std::move(what)), door_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at = loopback(0);
        socklen_t size = sizeof at;
        auto* const address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(door_.get(), address, size) != 0 || ::listen(door_.get(), 16) != 0) throw_errno("listen");
        ::getsockname(door_.get(), address, &size);
        port_ = ntohs(at.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~scripted_server() {
        over_ = true;
        thread_.join();
    }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    [[nodiscard]] std::string address(const std::string& path = "/file") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    [[nodiscard]] int requests() const { return requests_; }

  private:
    [[nodiscard]] bool wait(int socket) const {
        while (!over_) {
            pollfd one{socket, POLLIN, 0};
            if (::poll(&one, 1, 10) > 0) return true;
        }
        return false;
    }

    void serve() {
        while (wait(door_.get())) {
            const unique_fd peer(::accept4(door_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (peer) talk(peer.get());
        }
    }

    void talk(int peer) {
        std::string request;
        while (wait(peer)) {
            char bytes[4096];
            const ssize_t came = ::recv(peer, bytes, sizeof bytes, 0);
            if (came <= 0) return;
            request.append(bytes, static_cast<std::size_t>(came));
            if (!request.ends_with("\r\n\r\n")) continue;
            ++requests_;
            const answer what = script_(std::exchange(request, {}));
            if (what.hang) continue;
            if (::send(peer, what.bytes.data(), what.bytes.size(), MSG_NOSIGNAL) < 0 || what.close) return;
        }
    }

    const script script_;
    unique_fd door_;
    std::uint16_t port_ = 0;
    std::atomic<bool> over_{false};
    std::atomic<int> requests_{0};
    std::thread thread_;
};

/// Sends `bytes` to a server, and returns what comes until it closes the connection, or, if `enough` is found in it, until then.
inline std::string talk_to(std::uint16_t port, std::string_view bytes, std::string_view enough = {}) {
    const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in at = loopback(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) throw_errno("connect");
    if (!bytes.empty()) ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    const deadline until(patience);
    std::string came;
    while (until.wait(socket.get(), POLLIN)) {
        char some[4096];
        const ssize_t n = ::recv(socket.get(), some, sizeof some, 0);
        if (n <= 0) return came;
        came.append(some, static_cast<std::size_t>(n));
        if (!enough.empty() && came.find(enough) != std::string::npos) return came;
    }
    throw peer_failure("the server neither answers nor goes");
}

}  // namespace sheaf::test
