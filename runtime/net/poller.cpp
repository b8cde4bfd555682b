#include "net/poller.hpp"

#include <cerrno>
#include <sched.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
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
    : set_(context, make_set()), batch_done_(std::move(batch_done)), bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!bell_) throw std::system_error(errno, std::generic_category(), "eventfd");
    control(set_.native_handle(), EPOLL_CTL_ADD, bell_.get(), EPOLLIN | EPOLLET);
}

void poller::add(int descriptor, std::uint32_t events, std::shared_ptr<pollable> who) {
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= watched_.size()) watched_.resize(index + 1);
    SHEAF_ASSERT(!watched_[index], "a descriptor is removed before it is closed");
    control(set_.native_handle(), EPOLL_CTL_ADD, descriptor, events);
    watched_[index] = std::move(who);
    ++count_;
    if (!armed_ && !dispatching_) arm();
}

void poller::change(int descriptor, std::uint32_t events) {
    control(set_.native_handle(), EPOLL_CTL_MOD, descriptor, events);
}

void poller::remove(int descriptor) {
    control(set_.native_handle(), EPOLL_CTL_DEL, descriptor, 0);
    watched_[static_cast<std::size_t>(descriptor)].reset();
    if (--count_ != 0) return;
    // A wait for nothing would keep the loop running.
    busy_ = false;
    if (armed_) set_.cancel();
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
        if (dispatch_batch(0) < 2) return;
    }
}

void poller::tell(std::size_t descriptor, std::uint32_t events) {
    // The bell; or removed by an earlier one of this batch; or even another one by now, to which the event means nothing.
    pollable* const who = descriptor < watched_.size() ? watched_[descriptor].get() : nullptr;
    if (who != nullptr) who->on_ready(events);
}

std::size_t poller::dispatch_batch(int timeout) {
    const int ready = ::epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), timeout);
    waits_ = false;
    busy_ = ready > 0;
    if (!busy_) return 0;
    dispatching_ = true;
    for (std::size_t i = 0; i < static_cast<std::size_t>(ready); ++i) {
        tell(static_cast<std::size_t>(batch_[i].data.fd), batch_[i].events);
    }
    dispatching_ = false;
    batch_done_();
    return static_cast<std::size_t>(ready);
}

bool poller::look(std::chrono::nanoseconds limit) {
    using clock = std::chrono::steady_clock;
    if (limit.count() == 0) return false;
    const auto until = clock::now() + limit;
    while (!interrupted_) {
        if (dispatch_batch(0) != 0) return true;
        if (clock::now() >= until) return false;
        ::sched_yield();
    }
    return true;
}

void poller::wait(std::chrono::milliseconds at_most) {
    // Who interrupts sees that it has to ring, or else is seen here.
    waits_ = true;
    (void)dispatch_batch(interrupted_ ? 0 : static_cast<int>(at_most.count()));
}

void poller::interrupt() {
    interrupted_ = true;
    if (!waits_.exchange(false)) return;
    const std::uint64_t once = 1;
    (void)!::write(bell_.get(), &once, sizeof once);  // if it is full it has been rung
}

}  // namespace sheaf::net
