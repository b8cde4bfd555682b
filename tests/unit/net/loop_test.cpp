// A loop whose sockets are busy waits for them directly; what Asio has for it must be done all the same.
#include "net/loop.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"

namespace sheaf::test {
namespace {

using namespace std::chrono_literals;

/// A socket from which a byte can be read: always, or once.
class readable : public net::pollable {
  public:
    enum class reads : std::uint8_t { nothing, all };

    explicit readable(reads what = reads::nothing) : what_(what) {
        int ends[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
            throw std::system_error(errno, std::generic_category(), "socketpair");
        }
        near_ = unique_fd(ends[0]);
        far_ = unique_fd(ends[1]);
        const char byte = 'x';
        if (::write(far_.get(), &byte, 1) != 1) throw std::system_error(errno, std::generic_category(), "write");
    }
    void on_ready(std::uint32_t) override {
        ++times_;
        char byte = 0;
        if (what_ == reads::all) (void)!::read(near_.get(), &byte, 1);
    }
    [[nodiscard]] int descriptor() const noexcept { return near_.get(); }
    [[nodiscard]] int times() const noexcept { return times_; }

  private:
    reads what_;
    unique_fd near_;
    unique_fd far_;
    int times_ = 0;
};

std::shared_ptr<readable> watched_by(net::loop& loop, readable::reads what = readable::reads::nothing) {
    auto made = std::make_shared<readable>(what);
    loop.readiness().add(made->descriptor(), EPOLLIN, made);
    return made;
}

TEST(busy_loop, does_what_is_posted_by_itself_and_by_others) {
    net::loop loop;
    const auto busy = watched_by(loop);
    while (!loop.readiness().is_busy()) loop.run_one();
    std::atomic<bool> did_own = false;
    std::jthread other([&] {
        loop.post([&] {
            loop.post([&] {
                did_own = true;
                loop.stop();
            });
        });
    });
    loop.run();
    EXPECT_TRUE(did_own);
    EXPECT_GT(busy->times(), 1);
}

TEST(busy_loop, has_timers_that_go_off) {
    net::loop loop;
    const auto busy = watched_by(loop);
    while (!loop.readiness().is_busy()) loop.run_one();
    boost::asio::steady_timer timer(loop.context(), 1ms);
    timer.async_wait([&](const boost::system::error_code&) { loop.stop(); });
    loop.run();
    EXPECT_TRUE(loop.context().stopped());
}

TEST(busy_loop, ends_when_nothing_is_left_to_watch) {
    net::loop loop;
    const auto busy = watched_by(loop);
    while (!loop.readiness().is_busy()) loop.run_one();
    loop.post([&] { loop.readiness().remove(busy->descriptor()); });
    loop.run();
    EXPECT_FALSE(loop.readiness().is_busy());
}

TEST(busy_loop, is_stopped_by_another_thread) {
    net::loop loop;
    const auto busy = watched_by(loop);
    std::jthread other([&] { loop.stop(); });
    loop.run();
    EXPECT_TRUE(loop.context().stopped());
}

TEST(busy_poller, is_woken_from_a_long_wait_by_an_interrupt) {
    net::loop loop;
    const auto once = watched_by(loop, readable::reads::all);
    while (!loop.readiness().is_busy()) loop.run_one();
    std::jthread other([&] { loop.readiness().interrupt(); });
    loop.readiness().wait(1h);
    other.join();
    EXPECT_TRUE(loop.readiness().take_interrupt());
    EXPECT_FALSE(loop.readiness().take_interrupt());
    EXPECT_EQ(once->times(), 1);
}

TEST(busy_poller, looks_for_as_long_as_it_is_told_and_no_longer_than_it_is_needed) {
    net::loop loop;
    const auto once = watched_by(loop, readable::reads::all);
    while (!loop.readiness().is_busy()) loop.run_one();
    EXPECT_FALSE(loop.readiness().look(0ns));
    EXPECT_FALSE(loop.readiness().look(1ns));
    const auto busy = watched_by(loop);
    EXPECT_TRUE(loop.readiness().look(1h));
    EXPECT_EQ(busy->times(), 1);
    loop.readiness().remove(busy->descriptor());
    std::jthread other([&] { loop.readiness().interrupt(); });
    EXPECT_TRUE(loop.readiness().look(1h));
}

TEST(busy_poller, is_not_busy_any_more_when_nothing_came) {
    net::loop loop;
    const auto once = watched_by(loop, readable::reads::all);
    while (!loop.readiness().is_busy()) loop.run_one();
    loop.readiness().wait(0ms);
    EXPECT_FALSE(loop.readiness().is_busy());
}

}  // namespace
}  // namespace sheaf::test
