#include "net/loop.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "net/connection.hpp"

namespace sheaf::net {
namespace {

// One read takes what a busy peer has sent in a turn; more is read in the next.
constexpr std::size_t scratch_size = 256 * 1024;

}  // namespace

// One thread only: no locks inside Asio either, except for what others post.
loop::loop() : context_(1), poller_(context_, [this] { end_turn(); }), scratch_(scratch_size) {}
loop::~loop() = default;

void loop::flush_later(std::shared_ptr<connection> which) {
    end_turn_later();
    dirty_.push_back(std::move(which));
}

void loop::end_turn_later() {
    if (std::exchange(turn_ends_, true) || poller_.dispatching()) return;
    boost::asio::post(context_, [this] { end_turn(); });
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
