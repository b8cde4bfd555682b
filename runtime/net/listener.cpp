#include "net/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/close_on_exec.hpp"

namespace sheaf::net {
namespace {

using boost::system::error_code;
using generic = boost::asio::generic::stream_protocol;
using local = boost::asio::local::stream_protocol;
using tcp = boost::asio::ip::tcp;

// When descriptors run out, accepting again at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

[[noreturn]] void refuse(const endpoint& at, const error_code& fault) {
    std::string advice;
    if (fault == boost::asio::error::address_in_use)
        advice = " Another server runs there: stop it, or choose another address.";
    if (fault == boost::asio::error::access_denied) advice = " Choose an address that this user may use.";
    throw runtime_failure(
        {errc::io_error, "cannot listen on " + to_string(at) + ": " + fault.message() + "." + advice});
}

// A socket's file outlives a server that was killed. It is stale when nobody accepts on it.
void remove_stale(boost::asio::io_context& context, const std::string& path) {
    struct stat what {};
    if (::lstat(path.c_str(), &what) != 0 || !S_ISSOCK(what.st_mode)) return;
    const local::endpoint address(path);
    error_code fault;
    local::socket probe(context);
    probe.open(address.protocol(), fault);
    if (!fault) probe.native_non_blocking(true, fault);
    if (fault) return;
    // Not Asio's connect, which waits: a server that is there, but too busy to accept, must not hold us up.
    const int refused = ::connect(probe.native_handle(), address.data(), static_cast<socklen_t>(address.size()));
    if (refused != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
}

generic::endpoint unix_address(const endpoint& at) {
    try {
        return local::endpoint(at.path);
    } catch (const boost::system::system_error& fault) {  // the path is too long
        refuse(at, fault.code());
    }
}

// All addresses that the name has, as gearmand listens on.
std::vector<generic::endpoint> resolve(boost::asio::io_context& context, const endpoint& at) {
    if (at.is_unix()) return {unix_address(at)};
    tcp::resolver resolver(context);
    error_code fault;
    const auto found = resolver.resolve(at.host, std::to_string(at.port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service, fault);
    if (fault || found.empty()) refuse(at, fault ? fault : error_code(boost::asio::error::host_not_found));
    std::vector<generic::endpoint> addresses;
    for (const auto& entry : found) {
        const generic::endpoint address = entry.endpoint();
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
    }
    return addresses;
}

tcp::endpoint as_tcp(const generic::endpoint& address) {
    tcp::endpoint result;
    std::memcpy(result.data(), address.data(), std::min<std::size_t>(address.size(), result.capacity()));
    return result;
}

// A name may have addresses of a kind that this machine does not have, such as ::1.
bool is_absent_here(const error_code& fault) {
    return fault == boost::asio::error::address_family_not_supported ||
           fault == error_code(EADDRNOTAVAIL, boost::system::system_category());
}

// One socket that listens.
class door : public std::enable_shared_from_this<door> {
  public:
    door(loop& where, listener::callback report)
        : acceptor_(where.context()), pause_(where.context()), accepted_(std::move(report)) {}

    [[nodiscard]] error_code open(const generic::endpoint& address, int backlog) {
        const bool is_unix = address.protocol().family() == AF_UNIX;
        error_code fault;
        acceptor_.open(address.protocol(), fault);
        if (fault) return fault;
        close_on_exec(acceptor_.native_handle());
        error_code ignored;
        if (!is_unix) acceptor_.set_option(boost::asio::socket_base::reuse_address(true), ignored);
        // The name's other addresses have sockets of their own.
        if (address.protocol().family() == AF_INET6) acceptor_.set_option(boost::asio::ip::v6_only(true), ignored);
        // On Linux the file that bind makes takes its mode from the socket: no moment in which others may connect.
        if (is_unix) ::fchmod(acceptor_.native_handle(), S_IRUSR | S_IWUSR);
        acceptor_.bind(address, fault);
        if (!fault) acceptor_.listen(backlog, fault);
        return fault;
    }

    [[nodiscard]] std::uint16_t port() const { return as_tcp(acceptor_.local_endpoint()).port(); }

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](const error_code& fault, stream_socket socket) {
            if (!self->acceptor_.is_open()) return;
            if (!fault) self->accepted_(std::move(socket));
            if (!fault || fault == boost::asio::error::connection_aborted) return self->accept();
            self->pause_.expires_after(accept_pause);
            self->pause_.async_wait([self](const error_code& stopped) {
                if (!stopped && self->acceptor_.is_open()) self->accept();
            });
        });
    }

    void close() {
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

  private:
    boost::asio::basic_socket_acceptor<generic> acceptor_;
    boost::asio::steady_timer pause_;
    listener::callback accepted_;
};

}  // namespace

struct listener::state {
    state(loop& in, const endpoint& wanted, callback report) : where(in), at(wanted), accepted(std::move(report)) {}

    ~state() { close(); }

    void open(int backlog) {
        if (at.is_unix()) remove_stale(where.context(), at.path);
        const std::vector<generic::endpoint> addresses = resolve(where.context(), at);
        error_code fault = open_all(addresses, backlog);
        // The port that the system chose for the first address may be taken at another.
        for (int i = 0; i < port_tries && fault == boost::asio::error::address_in_use && at.port == 0; ++i) {
            close();
            fault = open_all(addresses, backlog);
        }
        if (fault) refuse(at, fault);
        if (!at.is_unix()) at.port = doors.front()->port();
        for (const auto& one : doors) one->accept();
    }

    // Those that this machine does not have count only if it has none.
    [[nodiscard]] error_code open_all(const std::vector<generic::endpoint>& addresses, int backlog) {
        error_code absent;
        for (const generic::endpoint& address : addresses) {
            auto one = std::make_shared<door>(where, accepted);
            const error_code fault = one->open(with_known_port(address), backlog);
            if (!fault) {
                doors.push_back(std::move(one));
            } else if (is_absent_here(fault)) {
                absent = fault;
            } else {
                return fault;
            }
        }
        return doors.empty() ? absent : error_code();
    }

    [[nodiscard]] generic::endpoint with_known_port(const generic::endpoint& address) const {
        if (at.is_unix() || at.port != 0 || doors.empty()) return address;
        tcp::endpoint same = as_tcp(address);
        same.port(doors.front()->port());
        return same;
    }

    void close() {
        for (const auto& one : doors) one->close();
        if (at.is_unix() && !doors.empty()) ::unlink(at.path.c_str());
        doors.clear();
    }

    static constexpr int port_tries = 10;

    loop& where;
    endpoint at;
    callback accepted;
    std::vector<std::shared_ptr<door>> doors;
};

listener::listener(loop& where, const endpoint& at, int backlog, callback accepted)
    : state_(std::make_unique<state>(where, at, std::move(accepted))) {
    state_->open(backlog);
}

listener::~listener() = default;

const endpoint& listener::local() const noexcept { return state_->at; }

}  // namespace sheaf::net
