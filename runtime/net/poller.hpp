// Tells which of many descriptors are ready, for one system call per turn of the loop.
//
// Asio's own reactor costs a busy server more: waiting on a socket again is a system call per socket and read. Here they
// stay registered in one epoll set, level-triggered, and Asio only watches that set. While sockets are busy even that is too
// much: it makes two sets to be looked at for each message, and the kernel forget that who sends a message is about to sleep,
// so that it wakes the receiver on another core. Then the set is waited for directly, for a moment at a time.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/epoll.h>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/unique_fd.hpp"

namespace sheaf::net {

/// Something that owns a descriptor and is told when it is ready.
class pollable {
  public:
    virtual ~pollable() = default;
    /// `events` are epoll's. Called again and again as long as they hold and are asked for; may come without a cause.
    virtual void on_ready(std::uint32_t events) = 0;
};

/// Used on the loop's thread alone. Keeps what it watches alive.
class poller {
  public:
    /// `batch_done` is called after each round of on_ready calls.
    poller(boost::asio::io_context& context, std::function<void()> batch_done);

    /// Watches `descriptor` for `events`, until remove().
    void add(int descriptor, std::uint32_t events, std::shared_ptr<pollable> who);
    void change(int descriptor, std::uint32_t events);
    /// Before the descriptor is closed. Events that were found already are not told any more.
    void remove(int descriptor);

    /// Whether on_ready calls are being made.
    [[nodiscard]] bool dispatching() const noexcept { return dispatching_; }

    /// Whether something was ready lately: then it is better to wait here than in Asio.
    [[nodiscard]] bool is_busy() const noexcept { return busy_; }
    /// Looks whether something is ready, again and again for `limit`, without sleeping, but letting other threads run. Tells it,
    /// and returns whether there was something, or interrupt() was called.
    bool look(std::chrono::nanoseconds limit);
    /// Waits until something is ready, and tells it; or until interrupt() is called; or for `at_most`: then nothing is busy.
    void wait(std::chrono::milliseconds at_most);
    /// Asio has something to do. Any thread.
    void interrupt();
    /// Whether interrupt() was called since this was last asked.
    [[nodiscard]] bool take_interrupt() noexcept { return interrupted_.load() && interrupted_.exchange(false); }

  private:
    void arm();
    void dispatch();
    std::size_t dispatch_batch(int timeout);
    void tell(std::size_t descriptor, std::uint32_t events);

    boost::asio::posix::stream_descriptor set_;
    std::function<void()> batch_done_;
    std::vector<std::shared_ptr<pollable>> watched_;  ///< by descriptor
    std::size_t count_ = 0;
    bool armed_ = false;
    bool dispatching_ = false;
    bool busy_ = false;
    unique_fd bell_;  ///< an eventfd, edge-triggered, that ends wait()
    std::atomic<bool> waits_ = false;
    std::atomic<bool> interrupted_ = false;
    std::array<epoll_event, 256> batch_;
};

}  // namespace sheaf::net
