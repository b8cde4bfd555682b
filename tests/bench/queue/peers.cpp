#include "bench/queue/peers.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/process.hpp"

namespace sheaf::bench {
namespace {

namespace fs = std::filesystem;
using clock_type = std::chrono::steady_clock;

constexpr auto start_limit = std::chrono::seconds(10);
constexpr std::size_t payload_bytes = 100;

sockaddr_in local(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::uint16_t free_port() {
    const unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) test::throw_errno("bind");
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        test::throw_errno("getsockname");
    return ntohs(address.sin_port);
}

std::optional<std::string> find(const std::string& program) {
    for (const char* const where : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
        if (fs::exists(where + program)) return where + program;
    }
    return std::nullopt;
}

// Waits until somebody listens there.
unique_fd reach(std::uint16_t port) {
    const sockaddr_in address = local(port);
    const auto limit = clock_type::now() + start_limit;
    while (clock_type::now() < limit) {
        unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

// Sends `job` so often, and never more than `in_flight` without their answers, each of which is a line.
double lines_rate(std::uint16_t port, const std::string& job, std::size_t jobs, std::size_t in_flight) {
    const unique_fd socket = reach(port);
    std::vector<char> input(std::size_t{1} << 16);
    std::size_t sent = 0;
    std::size_t answered = 0;
    const auto begin = clock_type::now();
    while (answered < jobs) {
        std::string out;
        for (; sent < jobs && sent - answered < in_flight; ++sent) out += job;
        for (std::string_view rest = out; !rest.empty();) {
            const ssize_t n = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (n <= 0) test::throw_errno("send");
            rest.remove_prefix(static_cast<std::size_t>(n));
        }
        const ssize_t n = ::recv(socket.get(), input.data(), input.size(), 0);
        if (n <= 0) test::throw_errno("recv");
        answered += static_cast<std::size_t>(std::count(input.begin(), input.begin() + n, '\n'));
    }
    return static_cast<double>(jobs) / std::chrono::duration<double>(clock_type::now() - begin).count();
}

// A peer whose command line needs its program, a directory of its own, and a port.
peer lines_peer(
    std::string name, std::string program, std::string job,
    std::function<std::vector<std::string>(const std::string& directory, const std::string& port)> arguments) {
    return {.name = std::move(name),
            .most = 5000,
            .rate = [program = std::move(program), job = std::move(job), arguments = std::move(arguments)](
                        const fs::path& place, std::size_t jobs, std::size_t in_flight) -> std::optional<double> {
                const auto path = find(program);
                if (!path) return std::nullopt;
                const fs::path directory = place / (program + std::to_string(in_flight));
                fs::create_directories(directory);
                const std::uint16_t port = free_port();
                std::vector<std::string> words = arguments(directory.string(), std::to_string(port));
                words.insert(words.begin(), *path);
                const test::process server(std::move(words));
                return lines_rate(port, job, jobs, in_flight);
            }};
}

}  // namespace

peer gearmand_with_sqlite(std::function<double(std::uint16_t, std::size_t, std::size_t)> enqueue) {
    return {.name = "gearmand -q libsqlite3",
            .most = 200,
            .rate = [enqueue = std::move(enqueue)](const fs::path& place, std::size_t jobs,
                                                   std::size_t in_flight) -> std::optional<double> {
                const auto path = find("gearmand");
                if (!path) return std::nullopt;
                const std::uint16_t port = free_port();
                const fs::path file = place / ("gearmand" + std::to_string(in_flight) + ".db");
                const test::process server({*path, "--listen", "127.0.0.1", "--port", std::to_string(port),
                                            "--log-file", "stderr", "--verbose", "ERROR", "-q", "libsqlite3",
                                            "--libsqlite3-db", file.string()});
                reach(port).reset();
                return enqueue(port, jobs, in_flight);
            }};
}

peer beanstalkd() {
    const std::string job =
        "put 0 0 60 " + std::to_string(payload_bytes) + "\r\n" + std::string(payload_bytes, 'x') + "\r\n";
    return lines_peer("beanstalkd -f 0", "beanstalkd", job, [](const std::string& directory, const std::string& port) {
        return std::vector<std::string>{"-l", "127.0.0.1", "-p", port, "-b", directory, "-f", "0"};
    });
}

peer redis() {
    const std::string job = "*3\r\n$5\r\nLPUSH\r\n$5\r\nbench\r\n$" + std::to_string(payload_bytes) + "\r\n" +
                            std::string(payload_bytes, 'x') + "\r\n";
    return lines_peer("redis-server, appendfsync always", "redis-server", job,
                      [](const std::string& directory, const std::string& port) {
                          return std::vector<std::string>{"--bind",       "127.0.0.1", "--port",        port,
                                                          "--dir",        directory,   "--save",        "",
                                                          "--appendonly", "yes",       "--appendfsync", "always"};
                      });
}

}  // namespace sheaf::bench
