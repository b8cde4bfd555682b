// What a proxy does to a connection, seen from both of its ends.
#include "support/fault_proxy.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "support/raw_peer.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;
using way = fault_proxy::way;

/// A listening socket whose connections the test holds.
class listening {
  public:
    listening() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: as the socket functions want it
        if (::bind(socket_.get(), any, size) != 0 || ::listen(socket_.get(), 8) != 0) throw_errno("listen");
        ::getsockname(socket_.get(), any, &size);
        where_ = {"127.0.0.1", ntohs(address.sin_port), {}};
    }
    [[nodiscard]] const endpoint& where() const { return where_; }
    [[nodiscard]] unique_fd accept() const {
        if (!deadline(patience).wait(socket_.get(), POLLIN)) throw peer_failure("nobody connects");
        return unique_fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

  private:
    unique_fd socket_;
    endpoint where_;
};

// What comes until there are `size` bytes, or nothing more; `end` says how it ended: 0 for an orderly end, or an errno.
std::string take(int from, std::size_t size, int* end = nullptr, std::chrono::milliseconds limit = patience) {
    std::string all;
    const deadline until(limit);
    while (all.size() < size && until.wait(from, POLLIN)) {
        char block[4096];
        const ssize_t n = ::recv(from, block, std::min(sizeof block, size - all.size()), 0);
        if (n <= 0) {
            if (end != nullptr) *end = n == 0 ? 0 : errno;
            break;
        }
        all.append(block, static_cast<std::size_t>(n));
    }
    return all;
}
void give(const unique_fd& to, std::string_view bytes) {
    ASSERT_EQ(::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
}

class fault_proxies : public testing::Test {
  protected:
    void SetUp() override { await_joined(1); }
    void await_joined(std::size_t connections) {
        ASSERT_TRUE(eventually([&] { return between.count().open == connections; }));
    }

    listening place;
    fault_proxy between{place.where(), 4};
    raw_peer client{between.where()};
    unique_fd server = place.accept();
};

TEST_F(fault_proxies, pass_on_what_they_get_both_ways) {
    client.send("to you");
    EXPECT_EQ(take(server.get(), 6), "to you");
    give(server, "to me");
    EXPECT_EQ(take(client.descriptor(), 5), "to me");
    server.reset();
    EXPECT_TRUE(client.wait_closed());
    EXPECT_TRUE(eventually([&] { return between.count().connections == 1 && between.count().passed == 11; }));
}

TEST_F(fault_proxies, delay_and_throttle) {
    between.set(way::to_server, {.delay = 30ms});
    const auto start = std::chrono::steady_clock::now();
    client.send("late");
    EXPECT_EQ(take(server.get(), 4), "late");
    EXPECT_GE(std::chrono::steady_clock::now() - start, 30ms);
    between.set(way::to_server, {.bytes_per_second = 1000});
    client.send(std::string(100, 'x'));
    EXPECT_EQ(take(server.get(), 100).size(), 100U);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 130ms);
}

TEST_F(fault_proxies, stall_one_way_until_they_heal) {
    between.set(way::to_client, {.stalled = true});
    give(server, "held");
    client.send("the other way goes on");
    EXPECT_EQ(take(server.get(), 21).size(), 21U);
    EXPECT_EQ(take(client.descriptor(), 4, nullptr, 20ms), "");
    between.heal();
    EXPECT_EQ(take(client.descriptor(), 4), "held");
}

// As a stream of TCP does: what comes after a gap is never delivered.
TEST_F(fault_proxies, drop_one_way_until_the_connection_ends) {
    between.set(way::to_client, {.dropped = true});
    give(server, "gone");
    client.send("here");
    EXPECT_EQ(take(server.get(), 4), "here");
    EXPECT_EQ(take(client.descriptor(), 4, nullptr, 20ms), "") << "so that it was taken before they healed";
    between.heal();
    give(server, "late");
    client.send("more");
    EXPECT_EQ(take(server.get(), 4), "more");
    EXPECT_EQ(take(client.descriptor(), 4, nullptr, 20ms), "");
}

TEST_F(fault_proxies, change_one_byte) {
    between.corrupt_next(way::to_server);
    client.send("aaaaaaaa");
    const std::string got = take(server.get(), 8);
    EXPECT_EQ(std::ranges::count(got, 'a'), 7);
    client.send("aaaa");
    EXPECT_EQ(take(server.get(), 4), "aaaa");
    EXPECT_EQ(between.count().corrupted, 1U);
}

TEST_F(fault_proxies, reset_at_once_or_within_a_packet) {
    between.reset_within_next(way::to_server);
    client.send(std::string(1000, 'x'));
    int end = 0;
    const std::string got = take(server.get(), 1000, &end);
    EXPECT_GE(got.size(), 500U);
    EXPECT_LT(got.size(), 1000U);
    EXPECT_EQ(end, ECONNRESET);
    raw_peer second(between.where());
    const unique_fd other = place.accept();
    second.send("through");
    EXPECT_EQ(take(other.get(), 7), "through");
    between.reset_all();
    (void)take(second.descriptor(), 1, &end);
    EXPECT_EQ(end, ECONNRESET);
    EXPECT_EQ(between.count().reset, 2U);
    EXPECT_EQ(between.count().open, 0U);
}

TEST_F(fault_proxies, close_one_way) {
    between.half_close(way::to_server);
    int end = -1;
    EXPECT_EQ(take(server.get(), 1, &end), "");
    EXPECT_EQ(end, 0);
    give(server, "still");
    EXPECT_EQ(take(client.descriptor(), 5), "still");
}

TEST_F(fault_proxies, lead_elsewhere) {
    const listening other;
    between.lead_to(other.where());
    const raw_peer second(between.where());
    second.send("hello");
    EXPECT_EQ(take(other.accept().get(), 5), "hello");
    client.send("as before");
    EXPECT_EQ(take(server.get(), 9), "as before");
}

}  // namespace
}  // namespace sheaf::test
