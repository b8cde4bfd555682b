// One thread's event loop: the Asio context, the clock, and the flush at the end of each turn.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "net/poller.hpp"

namespace sheaf::net {

class stream;

/// An io_context that one thread at a time runs, with what the connections on it share. Everything of a loop, and every
/// object on it, is used on that thread; from others only post() and stop() are allowed.
class loop {
  public:
    loop();
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

    /// Does `what` on the thread that runs the loop, soon. From any thread.
    template <class What>
    void post(What&& what) {
        boost::asio::post(context_, std::forward<What>(what));
        poller_.interrupt();
    }

    /// Runs until stop() or until nothing is left to do.
    void run();
    /// Waits for something to do, and does it. Returns at once when nothing is left to do. While sockets are busy it does not
    /// sleep before it has looked for `awake` long.
    void run_one(std::chrono::nanoseconds awake = {});
    /// Makes run() return soon. From any thread.
    void stop();
    /// After stop(): run() may be called again.
    void restart() { context_.restart(); }

    /// What tells connections that their sockets are ready.
    [[nodiscard]] poller& readiness() noexcept { return poller_; }

    /// Where connections read to. Its contents last until the next read of any of them.
    [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

    /// Flushes `which` when the handlers that are ready now have run: one write per connection and turn.
    void flush_later(std::shared_ptr<stream> which);

    /// Calls `hook` at the end of each turn in which flush_later or end_turn_later was called, before the flush. Once.
    void at_turn_end(std::function<void()> hook) { hook_ = std::move(hook); }
    /// Makes this turn have an end, also when nothing is to be flushed.
    void end_turn_later();
    /// Does `what`, from outside of run(), and ends the turn at once.
    template <class What>
    void turn(What&& what) {
        turn_ends_ = true;
        what();
        end_turn();
    }

  private:
    void end_turn();

    boost::asio::io_context context_;
    poller poller_;
    std::chrono::steady_clock::time_point
        asio_due_{};  ///< when timers and accepts are looked at, though sockets are busy
    std::vector<char> scratch_;
    std::function<void()> hook_;
    bool turn_ends_ = false;  ///< end_turn is on its way
    std::vector<std::shared_ptr<stream>> dirty_;
    std::vector<std::shared_ptr<stream>> flushing_;
};

}  // namespace sheaf::net
