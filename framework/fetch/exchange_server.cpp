#include "fetch/exchange_server.hpp"

#include <algorithm>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "fetch/exchange_session.hpp"
#include "fetch/url.hpp"
#include "net/listener.hpp"

namespace sheaf::fetch {
namespace {

constexpr int backlog = 128;
constexpr std::chrono::milliseconds between_checks_max{1000};

unique_fd without_waiting(int socket) {
    unique_fd owned(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (!owned) return owned;
    ::fcntl(owned.get(), F_SETFL, ::fcntl(owned.get(), F_GETFL) | O_NONBLOCK);
    const int yes = 1;
    ::setsockopt(owned.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return owned;
}

}  // namespace

struct exchange_server::parts {
    parts(const run_shelf& shelf, exchange_server_options options)
        : how(std::move(options)),
          desk(shelf, how.duties),
          limits{how.idle_max, how.head_max, how.stall_max},
          timer(loop.context()),
          door(loop, how.listen, backlog, [this](net::stream_socket socket) { accept(std::move(socket)); }),
          origin(origin_of(how.name.empty() ? how.listen.host : how.name, door.local().port)) {
        thread = std::thread([this] { loop.run(); });
    }
    ~parts() {
        loop.stop();
        thread.join();
        for (const auto& one : sessions) one->close();
    }
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;

    void accept(net::stream_socket socket) {
        if (sessions.size() >= how.connections_max) sweep();
        if (sessions.size() >= how.connections_max) return;  // closes it: the peer tries again
        unique_fd owned = without_waiting(socket.native_handle());
        if (!owned) return;
        sessions.push_back(std::make_shared<exchange_session>(loop, std::move(owned), desk, limits));
        sessions.back()->start();
        if (!ticking) tick();
    }

    void sweep() {
        std::erase_if(sessions, [](const auto& one) { return !one->is_open(); });
    }

    // While there is somebody to be checked.
    void tick() {
        ticking = true;
        timer.expires_after(std::min({between_checks_max, limits.idle_max, limits.head_max, limits.stall_max}));
        timer.async_wait([this](const boost::system::error_code& stopped) {
            if (stopped) return;
            const auto now = exchange_session::clock::now();
            for (const auto& one : sessions) one->check(now);
            sweep();
            ticking = !sessions.empty();
            if (ticking) tick();
        });
    }

    const exchange_server_options how;
    const exchange_desk desk;
    const session_limits limits;
    net::loop loop;
    boost::asio::steady_timer timer;
    bool ticking = false;
    std::vector<std::shared_ptr<exchange_session>> sessions;  // those that have ended go at the next tick
    net::listener door;
    const std::string origin;
    std::thread thread;
};

exchange_server::exchange_server(const run_shelf& shelf, exchange_server_options how)
    : parts_(std::make_unique<parts>(shelf, std::move(how))) {}
exchange_server::~exchange_server() = default;

const std::string& exchange_server::origin() const noexcept { return parts_->origin; }

}  // namespace sheaf::fetch
