#include "by_hand.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace sheaf::bench {
namespace {

using clock_type = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

bool read_all(int from, std::string& message) {
    for (std::size_t got = 0; got < message.size();) {
        const ssize_t count = ::read(from, message.data() + got, message.size() - got);
        if (count <= 0) return false;
        got += static_cast<std::size_t>(count);
    }
    return true;
}

bool write_all(int to, const std::string& message) {
    return ::write(to, message.data(), message.size()) == static_cast<ssize_t>(message.size());
}

struct socket_pair {
    int near = -1;
    int far = -1;
};

socket_pair connect_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
    return {ends[0], ends[1]};
}

pid_t start(const std::function<void()>& what) {
    const pid_t child = ::fork();
    if (child < 0) fail("fork");
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    what();
    ::_exit(0);
}

void answer_requests(int socket, message_sizes sizes) {
    std::string request(sizes.request, '\0');
    const std::string answer(sizes.answer, 'a');
    while (read_all(socket, request) && write_all(socket, answer)) {
    }
}

/// Waits for both sides, as whoever stands between several peers must.
void relay(int client, int worker, message_sizes sizes) {
    std::string request(sizes.request, '\0');
    std::string answer(sizes.answer, '\0');
    for (;;) {
        pollfd sides[2] = {{client, POLLIN, 0}, {worker, POLLIN, 0}};
        if (::poll(sides, 2, -1) < 0) return;
        if (sides[0].revents != 0 && !(read_all(client, request) && write_all(worker, request))) return;
        if (sides[1].revents != 0 && !(read_all(worker, answer) && write_all(client, answer))) return;
    }
}

}  // namespace

double relay_latency(std::size_t calls, message_sizes sizes) {
    const socket_pair front = connect_pair();
    const socket_pair back = connect_pair();
    const pid_t worker = start([&] { answer_requests(back.far, sizes); });
    const pid_t between = start([&] {
        ::close(front.near);
        ::close(back.far);
        relay(front.far, back.near, sizes);
    });
    for (const int end : {front.far, back.near, back.far}) ::close(end);

    const std::string request(sizes.request, 'r');
    std::string answer(sizes.answer, '\0');
    std::vector<double> taken;
    for (std::size_t i = 0; i < calls + calls / 10; ++i) {
        const auto begin = clock_type::now();
        if (!write_all(front.near, request) || !read_all(front.near, answer)) fail("relay");
        if (i >= calls / 10) {
            taken.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
        }
    }
    ::close(front.near);
    for (const pid_t child : {between, worker}) {
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
    std::sort(taken.begin(), taken.end());
    return taken[taken.size() / 2];
}

double pool_rate(std::size_t calls, std::size_t workers, std::size_t window, message_sizes sizes) {
    std::vector<pollfd> sockets;
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < workers; ++i) {
        const socket_pair pair = connect_pair();
        children.push_back(start([&] {
            ::close(pair.near);
            for (const pollfd& other : sockets) ::close(other.fd);
            answer_requests(pair.far, sizes);
        }));
        ::close(pair.far);
        sockets.push_back({pair.near, POLLIN, 0});
    }
    const std::string request(sizes.request, 'r');
    std::string answer(sizes.answer, '\0');
    std::size_t sent = 0;
    const auto send = [&](int to) {
        if (sent == calls) return;
        ++sent;
        if (!write_all(to, request)) fail("pool");
    };
    const auto begin = clock_type::now();
    for (std::size_t i = 0; i < window; ++i) {
        for (const pollfd& one : sockets) send(one.fd);
    }
    for (std::size_t received = 0; received < calls;) {
        if (::poll(sockets.data(), sockets.size(), -1) < 0) fail("poll");
        for (const pollfd& one : sockets) {
            if (one.revents == 0) continue;
            if (!read_all(one.fd, answer)) fail("pool");
            ++received;
            send(one.fd);
        }
    }
    const std::chrono::duration<double> took = clock_type::now() - begin;
    for (const pollfd& one : sockets) ::close(one.fd);
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
    return static_cast<double>(calls) / took.count();
}

}  // namespace sheaf::bench
