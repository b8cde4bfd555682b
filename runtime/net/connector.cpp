#include "net/connector.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sheaf::net {

using boost::system::error_code;
using tcp = boost::asio::ip::tcp;
using any_endpoint = boost::asio::generic::stream_protocol::endpoint;

struct connector::attempt : std::enable_shared_from_this<connector::attempt> {
    attempt(loop& where, endpoint target, callback report)
        : to(std::move(target)), done(std::move(report)), resolver(where.context()), socket(where.context()), deadline(where.context()) {}

    void start(std::chrono::milliseconds timeout) {
        deadline.expires_after(timeout);
        deadline.async_wait([self = shared_from_this(), timeout](const error_code& fault) {
            if (fault) return;
            self->finish(error{errc::connection_failed, to_string(self->to) + " did not answer within " +
                                                            std::to_string(timeout.count()) + " ms"});
        });
        if (to.is_unix()) {
            addresses.emplace_back(boost::asio::local::stream_protocol::endpoint(to.path));
            try_next();
            return;
        }
        resolver.async_resolve(to.host, std::to_string(to.port), tcp::resolver::numeric_service,
                               [self = shared_from_this()](const error_code& fault, const tcp::resolver::results_type& found) {
                                   if (self->finished) return;
                                   if (fault) return self->fail(fault);
                                   for (const auto& entry : found) self->addresses.emplace_back(entry.endpoint());
                                   self->try_next();
                               });
    }

    void try_next() {
        if (next == addresses.size()) return fail(last);
        const any_endpoint address = addresses[next++];
        error_code ignored;
        socket.close(ignored);
        socket.async_connect(address, [self = shared_from_this()](const error_code& fault) {
            if (self->finished) return;
            if (!fault) return self->finish(std::move(self->socket));
            self->last = fault;
            self->try_next();
        });
    }

    void fail(const error_code& fault) {
        finish(error{errc::connection_failed, "cannot connect to " + to_string(to) + ": " + fault.message() +
                                                  ". Is the server running there?"});
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
