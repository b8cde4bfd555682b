#include "net/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/assert.hpp"

namespace sheaf::net {
namespace {

// After so many batches in a row, timers and other threads get their turn.
constexpr int batches_per_turn = 8;

int make_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return set;
}

void control(int set, int operation, int descriptor, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    if (::epoll_ctl(set, operation, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

}  // namespace

poller::poller(boost::asio::io_context& context, std::function<void()> batch_done)
    : set_(context, make_set()), batch_done_(std::move(batch_done)) {}

void poller::add(int descriptor, std::uint32_t events, std::shared_ptr<pollable> who) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= watched_.size()) watched_.resize(index + 1);
    SHEAF_ASSERT(!watched_[index], "a descriptor is removed before it is closed");
    control(set_.native_handle(), EPOLL_CTL_ADD, descriptor, events);
    watched_[index] = std::move(who);
    if (++count_ == 1) only_ = index;
    if (!armed_ && !dispatching_) arm();
}

void poller::change(int descriptor, std::uint32_t events) {
    control(set_.native_handle(), EPOLL_CTL_MOD, descriptor, events);
}

void poller::remove(int descriptor) {
    control(set_.native_handle(), EPOLL_CTL_DEL, descriptor, 0);
    watched_[static_cast<std::size_t>(descriptor)].reset();
    // A wait for nothing would keep the loop running.
    if (--count_ == 0 && armed_) set_.cancel();
    if (count_ != 1) return;
    const auto left = std::find_if(watched_.begin(), watched_.end(), [](const auto& one) { return one != nullptr; });
    only_ = static_cast<std::size_t>(left - watched_.begin());
}

void poller::arm() {
    armed_ = true;
    set_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& fault) {
        // When the loop is destroyed the handler is too, uncalled.
        armed_ = false;
        if (!fault) dispatch();
        if (count_ != 0) arm();
    });
}

void poller::dispatch() {
    // Where one descriptor was ready there is seldom another at once; where there were several, there mostly is.
    for (int i = 0; i < batches_per_turn; ++i) {
        if (dispatch_batch() < 2) return;
    }
}

void poller::tell(std::size_t descriptor, std::uint32_t events) {
    // Removed by an earlier one of this batch; or even another one by now, to which the event means nothing.
    pollable* const who = watched_[descriptor].get();
    if (who != nullptr) who->on_ready(events);
}

std::size_t poller::dispatch_batch() {
    if (count_ == 1) {  // it is clear which one is ready, and it finds out itself for what
        dispatching_ = true;
        tell(only_, EPOLLIN | EPOLLOUT);
        dispatching_ = false;
        batch_done_();
        return 1;
    }
    const int ready = ::epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
    if (ready <= 0) return 0;
    dispatching_ = true;
    for (std::size_t i = 0; i < static_cast<std::size_t>(ready); ++i) {
        tell(static_cast<std::size_t>(batch_[i].data.fd), batch_[i].events);
    }
    dispatching_ = false;
    batch_done_();
    return static_cast<std::size_t>(ready);
}

}  // namespace sheaf::net
