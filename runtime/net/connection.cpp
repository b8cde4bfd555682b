#include "net/connection.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "base/assert.hpp"
#include "net/close_on_exec.hpp"

namespace sheaf::net {
namespace {

constexpr std::size_t pieces_per_write = 64;
// Reads in a row before the other connections get their turn.
constexpr int reads_per_turn = 4;

error system_error_of(int number, std::string_view doing) {
    return {errc::connection_lost, std::string(doing) + ": " + std::strerror(number)};
}

std::string address_of_peer(const stream_socket& socket) {
    boost::system::error_code fault;
    const auto peer = socket.remote_endpoint(fault);
    if (fault || peer.protocol().family() == AF_UNIX) return "unix";
    boost::asio::ip::tcp::endpoint address;
    if (peer.size() > address.capacity()) return "unknown";
    std::memcpy(address.data(), peer.data(), peer.size());
    address.resize(peer.size());
    return address.address().to_string();
}

// Small packets must not wait for the acknowledgement of earlier ones; a peer that vanished must be noticed.
void tune(stream_socket& socket, const keepalive& alive) {
    if (socket.local_endpoint().protocol().family() == AF_UNIX) return;
    const int on = 1;
    const auto set = [&](int level, int option, int value) {
        ::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, on);
    set(SOL_SOCKET, SO_KEEPALIVE, on);
    set(IPPROTO_TCP, TCP_KEEPIDLE, alive.idle_seconds);
    set(IPPROTO_TCP, TCP_KEEPINTVL, alive.interval_seconds);
    set(IPPROTO_TCP, TCP_KEEPCNT, alive.count);
}

}  // namespace

connection::connection(loop& where, stream_socket socket, connection_handler& handler, connection_options how)
    : loop_(where), handler_(&handler), how_(how), reader_(how.frames) {
    boost::system::error_code ignored;
    close_on_exec(socket.native_handle());
    socket.non_blocking(true, ignored);
    peer_address_ = address_of_peer(socket);
    tune(socket, how.keepalive);
    socket_ = socket.release();
}

connection::~connection() {
    if (!closed_) ::close(socket_);
}

void connection::start() {
    started_ = true;
    loop_.readiness().add(socket_, EPOLLIN, shared_from_this());
}

// Tells the loop what to wait for, after a change.
void connection::watch() {
    if (!started_) return;
    loop_.readiness().change(socket_, (closing_ ? 0U : EPOLLIN) | (waiting_writable_ ? EPOLLOUT : 0U));
}

void connection::on_ready(std::uint32_t events) {
    const auto self = shared_from_this();
    // A hang-up is told even when nothing was asked for: then the next attempt to write finds out.
    if (waiting_writable_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
        waiting_writable_ = false;
        flush();
        if (!waiting_writable_ && !closed_) watch();
    }
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !closed_ && !closing_) read();
}

void connection::read() {
    for (int i = 0; i < reads_per_turn; ++i) {
        const std::span<char> room = reader_.prepare(loop_.scratch());
        const ssize_t n = ::recv(socket_, room.data(), room.size(), 0);
        if (n == 0) return close({errc::connection_lost, "the peer closed the connection"});
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            return close(system_error_of(errno, "reading failed"));
        }
        reader_.received(static_cast<std::size_t>(n));
        if (!deliver()) return;
        if (static_cast<std::size_t>(n) < room.size()) return;
    }
}

// Hands over every message that is complete; false when the connection is not to be read any more.
bool connection::deliver() {
    while (true) {
        switch (reader_.next()) {
            case protocol::frame_reader::status::need_more: return true;
            case protocol::frame_reader::status::packet: handler_->on_packet(*this, reader_.packet()); break;
            case protocol::frame_reader::status::line: handler_->on_line(*this, reader_.line()); break;
            case protocol::frame_reader::status::error: close(reader_.why()); return false;
        }
        if (closed_ || closing_) return false;
    }
}

protocol::output_buffer& connection::output() {
    if (!dirty_ && !closed_) {
        dirty_ = true;
        loop_.flush_later(shared_from_this());
    }
    return output_;
}

void connection::flush() {
    dirty_ = false;
    if (closed_) return;
    if (waiting_writable_) return limit_output();
    while (!output_.empty()) {
        std::array<std::string_view, pieces_per_write> pieces;
        const std::size_t count = output_.gather(pieces);
        std::array<iovec, pieces_per_write> vectors;
        for (std::size_t i = 0; i < count; ++i) {
            vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};  // NOLINT: sendmsg only reads
        }
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = count;
        const ssize_t n = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_writable();
            return close(system_error_of(errno, "writing failed"));
        }
        output_.consume(static_cast<std::size_t>(n));
    }
    if (closing_) close({errc::connection_lost, close_reason_});
}

void connection::limit_output() {
    if (output_.size() <= how_.output_bytes_max) return;
    close({errc::too_large, "the peer does not read: " + std::to_string(output_.size()) + " bytes wait for it"});
}

void connection::wait_writable() {
    limit_output();
    if (closed_) return;
    waiting_writable_ = true;
    watch();
}

void connection::close_after_flush(std::string reason) {
    if (closed_ || closing_) return;
    closing_ = true;
    close_reason_ = std::move(reason);
    watch();
    if (!dirty_ && !waiting_writable_) {
        dirty_ = true;
        loop_.flush_later(shared_from_this());
    }
}

void connection::close(error why) {
    if (closed_) return;
    // Never from within another call: the handler may be in the middle of something with this connection.
    loop_.post([self = shared_from_this(), why = std::move(why)] { self->handler_->on_closed(*self, why); });
    closed_ = true;
    if (started_) loop_.readiness().remove(socket_);
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    output_.clear();
}

}  // namespace sheaf::net
