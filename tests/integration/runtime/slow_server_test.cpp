// A worker whose server hardly reads: its handler has to wait, and memory stays bounded.
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "protocol/encode.hpp"
#include "sheaf/runtime/worker.hpp"
#include "support/packet_bytes.hpp"
#include "support/process.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using protocol::packet_type;

/// Accepts one worker, gives it one job, and reads when it is told to.
class slow_server {
  public:
    slow_server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 1) != 0) throw_errno("listen");
        if (::getsockname(listener_.get(), generic, &size) != 0) throw_errno("getsockname");
        port_ = ntohs(address.sin_port);
    }
    [[nodiscard]] endpoint where() const { return {"127.0.0.1", port_, {}}; }

    void accept_and_assign() {
        if (!deadline(patience).wait(listener_.get(), POLLIN)) throw peer_failure("no worker came");
        worker_ = unique_fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        protocol::output_buffer out;
        protocol::write_response<packet_type::job_assign_uniq>(out, std::string_view("H:1"), std::string_view("flood"),
                                                               std::string_view("u"), std::string_view("in"));
        const std::string bytes = take_all(out);
        if (::send(worker_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) throw_errno("send");
    }
    /// Reads some bytes; 0 at the end.
    std::size_t read_some() {
        if (!deadline(patience).wait(worker_.get(), POLLIN)) throw peer_failure("the worker says nothing");
        const ssize_t n = ::recv(worker_.get(), block_.data(), block_.size(), 0);
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }

  private:
    unique_fd listener_;
    unique_fd worker_;
    std::uint16_t port_ = 0;
    std::array<char, 65536> block_{};
};

TEST(worker_slow_server, a_handler_that_sends_too_much_waits_until_it_is_read) {
    constexpr std::size_t piece = std::size_t{1} << 20;
    constexpr std::size_t pieces = 120;
    constexpr std::size_t bound = 64 * piece;  // both buffers of 16 MiB, a turn's worth, and the kernel's
    slow_server server;
    std::atomic<std::size_t> sent{0};
    runtime::worker worker({.servers = {server.where()}});
    worker.offer("flood", [&](runtime::assignment& job) {
        const std::string data(piece, 'x');
        for (std::size_t i = 0; i < pieces; ++i) {
            job.send_data(data);
            sent += piece;
        }
        return runtime::job_answer::complete({});
    });
    std::jthread runs([&] { worker.run(); });
    server.accept_and_assign();
    // The handler gets ahead by itself; how far is what matters.
    const deadline until(patience);
    while (sent < 20 * piece && until.poll_timeout() > 0) std::this_thread::yield();
    std::size_t most_ahead = 0;
    std::size_t received = 0;
    while (received < pieces * piece) {
        const std::size_t n = server.read_some();
        ASSERT_NE(n, 0U);
        received += n;
        const std::size_t done = sent;
        most_ahead = std::max(most_ahead, done > received ? done - received : 0);
    }
    worker.stop();
    EXPECT_GE(most_ahead, 4 * piece);
    EXPECT_LE(most_ahead, bound);
}

}  // namespace
}  // namespace sheaf::test
