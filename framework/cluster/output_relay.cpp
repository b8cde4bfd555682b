#include "cluster/output_relay.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string_view>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

// What a pipe holds, so that all of what an ended process wrote is read, but not all that its children may go on writing.
constexpr std::size_t left_behind_max = std::size_t{64} << 10;

[[noreturn]] void fail(const char* what) {
    throw runtime_failure({errc::io_error, std::string(what) + ": " + std::generic_category().message(errno)});
}

// Whoever reads us may go: then what is left is dropped.
void write_all(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(to, text.data(), text.size());
        if (n > 0) {
            text.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN) {
            pollfd writable{to, POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return;
        }
    }
}

// No signal is meant for the thread; a SIGPIPE would end the process.
std::thread start_without_signals(auto work) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread started(std::move(work));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

}  // namespace

output_relay::output_relay(int to) : to_(to), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) fail("no eventfd for what workers write");
    thread_ = start_without_signals([this] { run(); });
}

output_relay::~output_relay() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
}

unique_fd output_relay::open(std::size_t place) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("no pipe for what a worker writes");
    unique_fd read_end(ends[0]);
    unique_fd write_end(ends[1]);
    ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
    const std::lock_guard lock(mutex_);
    sources_.push_back({.from = std::move(read_end), .place = place, .end = {}});
    ::eventfd_write(wake_.get(), 1);
    return write_end;
}

std::vector<std::string> output_relay::close(std::size_t place) {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(sources_, std::optional(place), &source::place);
    if (at == sources_.end()) return {};
    const std::size_t before = unsent_.size();
    while (unsent_.size() - before < left_behind_max && read_from(*at)) {
    }
    at->place = std::nullopt;
    auto lines = at->end.lines();
    if (!at->from) sources_.erase(at);
    ::eventfd_write(wake_.get(), 1);
    return lines;
}

void output_relay::flush(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    read_what_is_there();
    ::eventfd_write(wake_.get(), 1);
    passed_on_.wait_for(lock, limit, [this] { return unsent_.empty() && !sending_; });
}

void output_relay::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (unsent_.empty() && ending_) read_what_is_there();
        if (unsent_.empty() && ending_) return;
        if (unsent_.empty()) {
            wait_for_output(lock);
            continue;
        }
        const std::string text = std::exchange(unsent_, {});
        sending_ = true;
        lock.unlock();
        write_all(to_, text);
        lock.lock();
        sending_ = false;
        passed_on_.notify_all();
    }
}

void output_relay::wait_for_output(std::unique_lock<std::mutex>& lock) {
    std::vector<pollfd> polled{{wake_.get(), POLLIN, 0}};
    for (const source& one : sources_) polled.push_back({one.from.get(), POLLIN, 0});
    lock.unlock();
    ::poll(polled.data(), polled.size(), -1);
    lock.lock();
    eventfd_t ignored = 0;
    ::eventfd_read(wake_.get(), &ignored);
    // Sources may have come and gone meanwhile, and descriptors may be others': reading never blocks.
    for (source& one : sources_) {
        const auto same = [&](const pollfd& seen) { return seen.fd == one.from.get() && seen.revents != 0; };
        if (std::ranges::any_of(polled, same)) read_from(one);
    }
    std::erase_if(sources_, [](const source& one) { return !one.from && !one.place; });
}

// Whether there was something. At the end of the text, the source is closed.
bool output_relay::read_from(source& one) {
    std::array<char, 16384> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): only what was read is used
    if (!one.from) return false;
    const ssize_t n = ::read(one.from.get(), block.data(), block.size());
    if (n == 0) one.from.reset();
    if (n <= 0) return false;
    const std::string_view text(block.data(), static_cast<std::size_t>(n));
    one.end.add(text);
    unsent_ += text;
    return true;
}

void output_relay::read_what_is_there() {
    for (source& one : sources_) {
        const std::size_t before = unsent_.size();
        while (unsent_.size() - before < left_behind_max && read_from(one)) {
        }
    }
}

}  // namespace sheaf::detail
