#include "cluster/signal_watch.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/unique_fd.hpp"

namespace sheaf::detail {
namespace {

constexpr unsigned char end_of_watch = 0;  // no signal has this number

std::atomic<int> pipe_of_handler{-1};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not lock");

void write_byte(int descriptor, unsigned char byte) { [[maybe_unused]] const auto n = ::write(descriptor, &byte, 1); }

extern "C" void sheaf_note_signal(int number) {
    const int saved = errno;
    write_byte(pipe_of_handler.load(std::memory_order_relaxed), static_cast<unsigned char>(number));
    errno = saved;
}

}  // namespace

struct signal_watch::state {
    std::function<void(int)> on_signal;
    std::function<void()> on_hangup;
    int watched = -1;
    unique_fd read_end, write_end;
    std::vector<std::pair<int, struct sigaction>> before;
    std::thread thread;

    void run() {
        std::array<pollfd, 2> polled{pollfd{read_end.get(), POLLIN, 0}, pollfd{watched, 0, 0}};
        for (;;) {
            if (::poll(polled.data(), polled.size(), -1) < 0) continue;
            if ((polled[1].revents & (POLLHUP | POLLERR)) != 0) {
                polled[1].fd = -1;
                on_hangup();
            }
            unsigned char byte = 0;
            while (::read(read_end.get(), &byte, 1) == 1) {
                if (byte == end_of_watch) return;
                on_signal(byte);
            }
        }
    }
};

signal_watch::signal_watch(std::initializer_list<int> signals, std::function<void(int number)> on_signal)
    : signal_watch(signals, std::move(on_signal), -1, {}) {}

signal_watch::signal_watch(std::initializer_list<int> signals, std::function<void(int number)> on_signal,
                           int descriptor, std::function<void()> on_hangup)
    : state_(std::make_unique<state>()) {
    state_->on_signal = std::move(on_signal);
    state_->on_hangup = std::move(on_hangup);
    state_->watched = descriptor;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    state_->read_end = unique_fd(ends[0]);
    state_->write_end = unique_fd(ends[1]);
    const int other = pipe_of_handler.exchange(ends[1]);
    SHEAF_ASSERT(other == -1, "signals are watched in one place");
    state_->thread = std::thread([this] { state_->run(); });
    for (const int number : signals) {
        struct sigaction action {};
        struct sigaction before {};
        action.sa_handler = sheaf_note_signal;
        action.sa_flags = SA_RESTART;
        sigfillset(&action.sa_mask);
        ::sigaction(number, &action, &before);
        state_->before.emplace_back(number, before);
    }
}

signal_watch::~signal_watch() {
    for (const auto& [number, before] : state_->before) ::sigaction(number, &before, nullptr);
    write_byte(state_->write_end.get(), end_of_watch);
    state_->thread.join();
    pipe_of_handler.store(-1);
}

}  // namespace sheaf::detail
