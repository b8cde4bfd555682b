// Who runs a client's loop: its own thread, or for a while one that waits for a call.
//
// A wake-up across threads costs more than all else that is done for a short call, and a thread that waits for its call would
// need two: to hand the call over, and to get the result. So while it is the only one that needs the client, it runs the
// loop itself. The client's own thread then rests. It is called as soon as there is something else to do; if there is
// not, it only looks now and then whether calls still come, and takes the loop back when they do not.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "client/wakefulness.hpp"
#include "net/loop.hpp"

namespace sheaf::runtime {

class helm {
  public:
    /// How long the loop may be left alone while nothing is expected from it.
    static constexpr std::chrono::milliseconds alone_max{2};

    /// What the loop's owner knows. Asked on the thread that is at the helm.
    struct questions {
        std::function<bool()> is_lone;   ///< no more than one call is out, and nothing else
        std::function<bool()> has_work;  ///< something is out, or will be due within alone_max
        std::function<void()> begin;     ///< does what was asked for while waits_to_begin()
    };

    helm(net::loop& where, questions ask) : loop_(where), ask_(std::move(ask)) {}

    /// The own thread: runs the loop until it has nothing left to do.
    void run();
    /// Returns when no visit is left.
    void wait_until_left();
    /// Whether the calling thread is at the helm.
    [[nodiscard]] bool is_here() const noexcept { return driver_.load() == std::this_thread::get_id(); }
    /// Whether the calling thread is at the helm, and about to wait: what it asks for needs no turn of the loop.
    [[nodiscard]] bool waits_to_begin() const noexcept { return is_here() && is_about_to_wait_; }
    /// Something was posted to the loop. Any thread.
    void call();
    /// A turn of the loop in which calls were submitted has ended: maybe who waits for them should have the helm.
    void offer();

    /// A thread that waits for one thing. It is made before that thing is asked for, and used on the thread that made it.
    class visit {
      public:
        explicit visit(helm& at);
        ~visit();
        visit(const visit&) = delete;
        visit& operator=(const visit&) = delete;

        /// Returns when arrived() has been called.
        void wait();
        /// What the thread waits for is there. Called at the helm, once; the visit may be gone as soon as this returns.
        void arrived();

      private:
        friend class helm;
        void steer();
        // Both are called with the door locked.
        void begin_to_lead();
        void stop_leading();

        helm& helm_;
        std::condition_variable news_;
        bool leads_ = false;  // this and the next are guarded by the door, or used at the helm
        bool there_ = false;
        std::chrono::steady_clock::time_point began_;
    };

  private:
    enum class driver : std::uint8_t { own, guest, nobody };

    // Turns in a row with a lone call before its thread is offered the helm: changing hands costs wake-ups, too.
    static constexpr int lone_turns_wanted = 3;

    void rest(std::unique_lock<std::mutex>& lock);
    void begin();

    net::loop& loop_;
    questions ask_;
    std::atomic<std::thread::id> driver_;  ///< of the thread that is at the helm, if there is one
    std::atomic<std::size_t> guests_count_ = 0;

    std::mutex door_;
    std::condition_variable needed_;
    std::condition_variable left_;
    std::vector<visit*> guests_;  // this and the next four: guarded by door_
    driver who_ = driver::own;
    bool is_needed_ = false;
    std::uint64_t visits_ = 0;  ///< how often a guest has taken the helm

    bool is_about_to_wait_ = false;  // this and the next: used at the helm
    wakefulness awake_{std::thread::hardware_concurrency()};

    // Used by the own thread alone, at the helm.
    int lone_turns_ = 0;
    bool yields_ = false;
};

}  // namespace sheaf::runtime
