#include "net/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
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

generic::endpoint resolve(boost::asio::io_context& context, const endpoint& at) {
    if (at.is_unix()) return unix_address(at);
    tcp::resolver resolver(context);
    error_code fault;
    const auto found = resolver.resolve(at.host, std::to_string(at.port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service, fault);
    if (fault || found.empty()) refuse(at, fault ? fault : error_code(boost::asio::error::host_not_found));
    return found.begin()->endpoint();
}

}  // namespace

struct listener::state : std::enable_shared_from_this<listener::state> {
    state(loop& where, const endpoint& wanted, callback report)
        : acceptor(where.context()), pause(where.context()), at(wanted), accepted(std::move(report)) {}

    void open(loop& where, int backlog) {
        const generic::endpoint address = resolve(where.context(), at);
        if (at.is_unix()) remove_stale(where.context(), at.path);
        error_code fault;
        acceptor.open(address.protocol(), fault);
        if (fault) refuse(at, fault);
        close_on_exec(acceptor.native_handle());
        if (!at.is_unix()) acceptor.set_option(boost::asio::socket_base::reuse_address(true), fault);
        // On Linux the file that bind makes takes its mode from the socket: no moment in which others may connect.
        if (at.is_unix()) ::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR);
        acceptor.bind(address, fault);
        if (!fault) owns_file = at.is_unix();
        if (!fault) acceptor.listen(backlog, fault);
        if (fault) refuse(at, fault);
        if (!at.is_unix()) learn_port();
        accept();
    }

    void learn_port() {
        tcp::endpoint bound;
        const auto real = acceptor.local_endpoint();
        std::memcpy(bound.data(), real.data(), std::min<std::size_t>(real.size(), bound.capacity()));
        at.port = bound.port();
    }

    void accept() {
        acceptor.async_accept([self = shared_from_this()](const error_code& fault, stream_socket socket) {
            if (!self->acceptor.is_open()) return;
            if (!fault) self->accepted(std::move(socket));
            if (!fault || fault == boost::asio::error::connection_aborted) return self->accept();
            self->pause.expires_after(accept_pause);
            self->pause.async_wait([self](const error_code& stopped) {
                if (!stopped && self->acceptor.is_open()) self->accept();
            });
        });
    }

    void close() {
        error_code ignored;
        acceptor.close(ignored);
        pause.cancel();
        if (std::exchange(owns_file, false)) ::unlink(at.path.c_str());
    }

    boost::asio::basic_socket_acceptor<generic> acceptor;
    boost::asio::steady_timer pause;
    endpoint at;
    callback accepted;
    bool owns_file = false;
};

listener::listener(loop& where, const endpoint& at, int backlog, callback accepted)
    : state_(std::make_shared<state>(where, at, std::move(accepted))) {
    try {
        state_->open(where, backlog);
    } catch (...) {
        state_->close();
        throw;
    }
}

listener::~listener() { state_->close(); }

const endpoint& listener::local() const noexcept { return state_->at; }

}  // namespace sheaf::net
