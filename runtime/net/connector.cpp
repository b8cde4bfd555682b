#include "net/connector.hpp"

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/close_on_exec.hpp"

namespace sheaf::net {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;
using any_endpoint = boost::asio::generic::stream_protocol::endpoint;

struct connector::attempt : std::enable_shared_from_this<connector::attempt> {
    attempt(loop& where, endpoint target, callback report)
        : to(std::move(target)),
          done(std::move(report)),
          resolver(where.context()),
          socket(where.context()),
          deadline(where.context()) {}

    void start(std::chrono::milliseconds timeout) {
        deadline.expires_after(timeout);
        deadline.async_wait([self = shared_from_this(), timeout](const error_code& fault) {
            if (fault) return;
            self->finish(error{errc::connection_failed, to_string(self->to) + " did not answer within " +
                                                            std::to_string(timeout.count()) + " ms"});
        });
        if (to.is_unix()) return start_unix();
        resolver.async_resolve(
            to.host, std::to_string(to.port), tcp::resolver::numeric_service,
            [self = shared_from_this()](const error_code& fault, const tcp::resolver::results_type& found) {
                if (self->finished) return;
                if (fault) return self->fail(fault);
                for (const auto& entry : found) self->addresses.emplace_back(entry.endpoint());
                self->try_next();
            });
    }

    void start_unix() {
        try {
            addresses.emplace_back(boost::asio::local::stream_protocol::endpoint(to.path));
            try_next();
        } catch (const boost::system::system_error& fault) {  // the path is too long
            last = fault.code();
            // Not from here: nobody is called before the constructor has returned.
            boost::asio::post(socket.get_executor(), [self = shared_from_this()] {
                if (!self->finished) self->fail(self->last);
            });
        }
    }

    void try_next() {
        if (next == addresses.size()) return fail(last);
        const any_endpoint address = addresses[next++];
        error_code ignored;
        socket.close(ignored);
        socket.async_connect(address, [self = shared_from_this()](const error_code& fault) {
            if (self->finished) return;
            self->last = fault ? fault : self->disproof();
            if (!self->last) return self->finish(std::move(self->socket));
            self->try_next();
        });
        if (socket.is_open()) close_on_exec(socket.native_handle());
    }

    // Asio takes a Unix-domain socket on which too many wait to be accepted for one that will be connected in a moment,
    // and then for connected.
    [[nodiscard]] error_code disproof() const {
        error_code fault;
        (void)socket.remote_endpoint(fault);
        return fault ? error_code(boost::asio::error::try_again) : fault;
    }

    void fail(const error_code& fault) {
        finish(error{errc::connection_failed,
                     "cannot connect to " + to_string(to) + ": " + fault.message() + ". Is the server running there?"});
    }

    void finish(basic_result<stream_socket> outcome) {
        if (finished) return;
        abandon();
        const callback report = std::exchange(done, nullptr);
        report(std::move(outcome));
    }

    void abandon() {
        finished = true;
        error_code ignored;
        deadline.cancel();
        resolver.cancel();
        if (socket.is_open()) socket.cancel(ignored);
    }

    endpoint to;
    callback done;
    tcp::resolver resolver;
    stream_socket socket;
    boost::asio::steady_timer deadline;
    std::vector<any_endpoint> addresses;
    std::size_t next = 0;
    error_code last = boost::asio::error::host_not_found;
    bool finished = false;
};

connector::connector(loop& where, endpoint to, std::chrono::milliseconds timeout, callback done)
    : attempt_(std::make_shared<attempt>(where, std::move(to), std::move(done))) {
    attempt_->start(timeout);
}

connector::~connector() {
    if (!attempt_->finished) attempt_->abandon();
}

}  // namespace sheaf::net
