#include "up/control_server.hpp"

#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "up/control_socket.hpp"

namespace sheaf::up {
namespace {

// Who controls a cluster is a person or a script; more at once are a mistake, and must not take our descriptors.
constexpr std::size_t connections_max = 64;

void send_reply(const unique_fd& to, const control_reply& reply) {
    const std::string text = to_text(reply);
    ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

unique_fd listen_at(const std::filesystem::path& path) {
    const auto address = control_address(path);
    unique_fd socket = make_control_socket();
    ::fchmod(socket.get(), S_IRUSR | S_IWUSR);  // the file that bind makes takes its mode from the socket
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||  // NOLINT: the API
        ::listen(socket.get(), 16) != 0) {
        throw runtime_failure(
            {errc::io_error, "cannot listen on " + path.string() + ": " + std::generic_category().message(errno)});
    }
    return socket;
}

}  // namespace

struct control_server::state {
    state(const std::filesystem::path& path, listener told)
        : hears(std::move(told)), listening(listen_at(path)), wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (!wake) throw runtime_failure({errc::io_error, "no eventfd for the control socket"});
        thread = std::thread([this] { run(); });
    }
    ~state() {
        ::eventfd_write(wake.get(), 1);
        thread.join();
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void run() {
        std::vector<pollfd> polled;
        std::vector<request_id> ids;
        for (;;) {
            list_descriptors(polled, ids);
            if (::poll(polled.data(), polled.size(), -1) < 0) continue;
            if (polled[0].revents != 0) return;
            if (polled[1].revents != 0) accept_one();
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (polled[i + 2].revents != 0) hear(ids[i]);
            }
        }
    }

    void list_descriptors(std::vector<pollfd>& polled, std::vector<request_id>& ids) {
        ids.clear();
        const std::lock_guard lock(mutex);
        polled = {{wake.get(), POLLIN, 0}, {listening.get(), POLLIN, 0}};
        if (connections.size() >= connections_max) polled[1].fd = -1;
        for (const auto& [id, connection] : connections) {
            ids.push_back(id);
            polled.push_back({connection.get(), POLLIN, 0});
        }
    }

    void accept_one() {
        unique_fd connection(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!connection) return;
        const std::lock_guard lock(mutex);
        connections.emplace(++last_id, std::move(connection));
    }

    void hear(request_id id) {
        std::array<char, control_bytes_max> bytes{};
        std::optional<control_request> request;
        {
            const std::lock_guard lock(mutex);
            const auto found = connections.find(id);
            if (found == connections.end()) return;
            const ssize_t n = ::recv(found->second.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
            if (n > 0) request = parse_request({bytes.data(), static_cast<std::size_t>(n)});
            if (n > 0 && !request) send_reply(found->second, {false, "this is no request that this sheaf knows"});
            if (!request) connections.erase(found);
        }
        if (request) hears(id, *request);
    }

    listener hears;
    unique_fd listening;
    unique_fd wake;
    std::mutex mutex;
    std::map<request_id, unique_fd> connections;  // guarded by mutex
    request_id last_id = 0;
    std::thread thread;
};

control_server::control_server(const std::filesystem::path& path, listener hears)
    : state_(std::make_unique<state>(path, std::move(hears))) {}
control_server::~control_server() = default;

void control_server::reply(request_id request, const control_reply& with) {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->connections.find(request);
    if (found != state_->connections.end()) send_reply(found->second, with);
}

}  // namespace sheaf::up
