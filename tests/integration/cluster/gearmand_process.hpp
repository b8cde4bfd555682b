// The stock gearmand, started for one test on a free port.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"
#include "support/process.hpp"

namespace sheaf::test {

class gearmand_process {
  public:
    /// Starts it with `arguments` in addition to what every test wants. It cannot choose a port by itself: one that was free a
    /// moment ago is tried, and another when somebody was faster.
    explicit gearmand_process(const std::vector<std::string>& arguments = {}) {
        for (int i = 0; i < 10; ++i) {
            const std::uint16_t port = free_port();
            std::vector<std::string> words{
                "/usr/sbin/gearmand", "--listen", "127.0.0.1", "--port", std::to_string(port),
                "--log-file",         "stderr",   "--threads", "1"};
            words.insert(words.end(), arguments.begin(), arguments.end());
            child_ = std::make_unique<process>(std::move(words));
            if (!accepts(port)) continue;
            where_ = {"127.0.0.1", port, {}};
            return;
        }
        throw peer_failure("gearmand does not start; it said: " + child_->error_output());
    }
    /// It deadlocks now and then when it is asked to end.
    ~gearmand_process() { child_->send_signal(SIGKILL); }
    gearmand_process(const gearmand_process&) = delete;
    gearmand_process& operator=(const gearmand_process&) = delete;

    [[nodiscard]] const endpoint& where() const noexcept { return where_; }
    [[nodiscard]] std::string port() const { return std::to_string(where_.port); }
    /// A port of the loopback that nobody listens at, for servers that cannot choose one by themselves.
    static std::uint16_t free_port() {
        const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: as the socket functions want it
        if (::bind(socket.get(), any, size) != 0) throw_errno("bind");
        if (::getsockname(socket.get(), any, &size) != 0) throw_errno("getsockname");
        return ntohs(address.sin_port);
    }

  private:
    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }
    // Until it accepts connections or has ended.
    [[nodiscard]] bool accepts(std::uint16_t port) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            const sockaddr_in address = loopback(port);
            const auto* const any = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: as connect wants it
            if (::connect(socket.get(), any, sizeof address) == 0) return true;
            if (child_->wait(std::chrono::milliseconds(5))) return false;
        }
        return false;
    }

    std::unique_ptr<process> child_;
    endpoint where_;
};

}  // namespace sheaf::test
