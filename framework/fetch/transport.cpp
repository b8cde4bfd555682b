#include "fetch/transport.hpp"

#include <algorithm>
#include <cerrno>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>

#include "fetch/fetch_failure.hpp"
#include "fetch/tls_transport.hpp"

namespace sheaf::fetch {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;
using kind = fetch_failure::kind;

// How long a stop may go unnoticed.
constexpr milliseconds look_up_max{100};

std::string reason(int number) { return std::generic_category().message(number); }

[[noreturn]] void throw_lost(int number) {
    throw fetch_failure(kind::passing, "the connection broke: " + reason(number));
}

struct address_list {
    address_list(const url& to) {
        addrinfo wanted{};
        wanted.ai_socktype = SOCK_STREAM;
        wanted.ai_flags = AI_ADDRCONFIG;
        const std::string port = std::to_string(to.port);
        int failed = ::getaddrinfo(to.host.c_str(), port.c_str(), &wanted, &first);
        if (failed == EAI_NONAME ||
            failed == EAI_ADDRFAMILY) {  // a loopback address may have no interface of its family
            wanted.ai_flags = AI_NUMERICHOST;
            failed = ::getaddrinfo(to.host.c_str(), port.c_str(), &wanted, &first);
        }
        if (failed == 0) return;
        throw fetch_failure(failed == EAI_AGAIN ? kind::passing : kind::permanent,
                            "cannot find the host '" + to.host + "': " + ::gai_strerror(failed));
    }
    ~address_list() {
        if (first != nullptr) ::freeaddrinfo(first);
    }
    address_list(const address_list&) = delete;
    address_list& operator=(const address_list&) = delete;

    addrinfo* first = nullptr;
};

// False when that takes longer than `limit`.
bool is_ready(int socket, short events, milliseconds limit, const transport_terms& terms) {
    const auto until = clock::now() + limit;
    for (;;) {
        if (terms.stop.stop_requested()) throw fetch_failure(kind::cancelled, "the attempt was told to stop");
        const auto left = std::chrono::ceil<milliseconds>(until - clock::now());
        if (left <= milliseconds(0)) return false;
        pollfd at{socket, events, 0};
        const auto slice = terms.stop.stop_possible() ? std::min(left, look_up_max) : left;
        if (::poll(&at, 1, static_cast<int>(slice.count())) > 0) return true;
    }
}

// What says that the host itself cannot be reached, and not that this one lacks something.
bool is_of_network(int number) {
    return number == ETIMEDOUT || number == EHOSTUNREACH || number == ENETUNREACH || number == EHOSTDOWN ||
           number == ENETDOWN || number == ECONNRESET;
}

kind kind_of(int number) {
    if (number == ECONNREFUSED) return kind::refused;
    return is_of_network(number) ? kind::unreached : kind::passing;
}

// 0, or the error's number.
int try_connect(const addrinfo& to, const transport_terms& terms, unique_fd& made) {
    made = unique_fd(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, to.ai_protocol));
    if (!made) return errno;
    const int yes = 1;
    ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(made.get(), to.ai_addr, to.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!is_ready(made.get(), POLLOUT, terms.connect_max, terms)) return ETIMEDOUT;
    int failed = 0;
    socklen_t size = sizeof failed;
    return ::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &failed, &size) == 0 ? failed : errno;
}

class plain_transport final : public transport {
  public:
    explicit plain_transport(unique_fd socket) : socket_(std::move(socket)) {}

    std::size_t read_some(std::span<char> into, const transport_terms& terms) override {
        for (;;) {
            const ssize_t came = ::recv(socket_.get(), into.data(), into.size(), 0);
            if (came >= 0) return static_cast<std::size_t>(came);
            if (errno != EAGAIN && errno != EINTR) throw_lost(errno);
            wait_ready(socket_.get(), POLLIN, terms.stall_max, terms);
        }
    }

    void write_all(std::string_view bytes, const transport_terms& terms) override {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
                continue;
            }
            if (errno != EAGAIN && errno != EINTR) throw_lost(errno);
            wait_ready(socket_.get(), POLLOUT, terms.stall_max, terms);
        }
    }

    bool is_stale() const override {
        pollfd at{socket_.get(), POLLIN | POLLRDHUP, 0};
        return ::poll(&at, 1, 0) != 0;
    }

  private:
    unique_fd socket_;
};

}  // namespace

void wait_ready(int socket, short events, milliseconds limit, const transport_terms& terms) {
    if (is_ready(socket, events, limit, terms)) return;
    throw fetch_failure(kind::passing, "nothing came or went for " + std::to_string(limit.count()) + " ms");
}

unique_fd connect_socket(const url& to, const transport_terms& terms) {
    const address_list addresses(to);
    int failed = EHOSTUNREACH;
    for (const addrinfo* one = addresses.first; one != nullptr; one = one->ai_next) {
        unique_fd made;
        failed = try_connect(*one, terms, made);
        if (failed == 0) return made;
    }
    throw fetch_failure(kind_of(failed), "cannot connect to " + authority(to) + ": " + reason(failed));
}

std::unique_ptr<transport> connect_to(const url& to, const transport_terms& terms) {
    unique_fd socket = connect_socket(to, terms);
    if (to.secure) return begin_tls(std::move(socket), to.host, terms);
    return std::make_unique<plain_transport>(std::move(socket));
}

}  // namespace sheaf::fetch
