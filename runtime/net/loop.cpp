#include "net/loop.hpp"

#include <utility>

#include "net/stream.hpp"

namespace sheaf::net {
namespace {

// One read takes what a busy peer has sent in a turn; more is read in the next.
constexpr std::size_t scratch_size = 256 * 1024;
// By so much timers and accepts may be late while sockets are busy, and for so long sockets count as busy.
constexpr std::chrono::milliseconds busy_time{1};

}  // namespace

// One thread only: no locks inside Asio either, except for what others post.
loop::loop() : context_(1), poller_(context_, [this] { end_turn(); }), scratch_(scratch_size) {}
loop::~loop() = default;

void loop::run() {
    while (!context_.stopped()) run_one();
}

void loop::run_one(std::chrono::nanoseconds awake) {
    if (!poller_.is_busy()) {
        context_.run_one();
        return;
    }
    if (!poller_.look(awake)) poller_.wait(busy_time);
    const auto now = std::chrono::steady_clock::now();
    const bool is_called = poller_.take_interrupt();
    if (!is_called && poller_.is_busy() && now < asio_due_) return;
    asio_due_ = now + busy_time;
    context_.poll();
}

void loop::stop() {
    context_.stop();
    poller_.interrupt();
}

void loop::flush_later(std::shared_ptr<stream> which) {
    end_turn_later();
    dirty_.push_back(std::move(which));
}

void loop::end_turn_later() {
    if (std::exchange(turn_ends_, true) || poller_.dispatching()) return;
    post([this] { end_turn(); });
}

void loop::end_turn() {
    if (!turn_ends_) return;
    if (hook_) hook_();
    turn_ends_ = false;
    flushing_.swap(dirty_);
    for (const auto& which : flushing_) which->flush();
    flushing_.clear();
}

}  // namespace sheaf::net
