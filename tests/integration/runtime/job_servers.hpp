// Job servers for tests of client and worker: our own inside the test, and stock gearmand where it is installed.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "sheaf/runtime/server.hpp"
#include "support/deadline.hpp"
#include "support/process.hpp"

namespace sheaf::test {

inline constexpr const char* stock_gearmand = "/usr/sbin/gearmand";

/// A TCP port of the loopback address that nobody used a moment ago.
inline std::uint16_t free_port() {
    const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
        throw_errno("bind");
    return ntohs(address.sin_port);
}

/// A job server that can be ended and started again at the same address.
class job_server {
  public:
    virtual ~job_server() = default;
    [[nodiscard]] virtual endpoint where() const = 0;
    /// Ends it without ceremony: connections break, jobs are forgotten.
    virtual void kill() = 0;
    virtual void restart() = 0;
};

/// sheaf::runtime::server in this process.
class own_server : public job_server {
  public:
    own_server() { start({"127.0.0.1", 0, {}}); }
    [[nodiscard]] endpoint where() const override { return where_; }
    void kill() override { server_.reset(); }
    void restart() override { start(where_); }

  private:
    void start(const endpoint& at) {
        runtime::server_options how;
        how.listen = {at};
        server_ = std::make_unique<runtime::server>(how);
        where_ = server_->endpoints().front();
        server_->start();
    }

    endpoint where_;
    std::unique_ptr<runtime::server> server_;
};

/// gearmand as Debian ships it. It listens when this has been made, so that no call's time is spent on its start. After
/// restart() it may take a moment until it does: peers have to try again.
class stock_server : public job_server {
  public:
    stock_server() {
        restart();
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!listens()) {
            if (std::chrono::steady_clock::now() > end) throw peer_failure("gearmand does not start");
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    [[nodiscard]] endpoint where() const override { return {"127.0.0.1", port_, {}}; }
    void kill() override { process_.reset(); }
    void restart() override {
        process_.emplace(
            std::vector<std::string>{stock_gearmand, "-L", "127.0.0.1", "-p", std::to_string(port_), "-l", "stderr"});
    }

  private:
    [[nodiscard]] bool listens() const {
        const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    std::uint16_t port_ = free_port();
    std::optional<process> process_;
};

enum class server_kind { own, stock };

inline std::unique_ptr<job_server> start_server(server_kind which) {
    if (which == server_kind::own) return std::make_unique<own_server>();
    return std::make_unique<stock_server>();
}

/// Those that this machine has.
inline std::vector<server_kind> server_kinds() {
    std::vector<server_kind> kinds{server_kind::own};
    if (::access(stock_gearmand, X_OK) == 0) kinds.push_back(server_kind::stock);
    return kinds;
}

inline std::string name_of(server_kind which) { return which == server_kind::own ? "own" : "stock"; }

}  // namespace sheaf::test
