#include "net/stream.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "net/close_on_exec.hpp"

namespace sheaf::net {
namespace {

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

stream::stream(loop& where, stream_socket socket, const stream_terms& how)
    : loop_(where), output_bytes_max_(how.output_bytes_max) {
    boost::system::error_code ignored;
    close_on_exec(socket.native_handle());
    socket.non_blocking(true, ignored);
    peer_address_ = address_of_peer(socket);
    tune(socket, how.keepalive);
    if (how.tls != nullptr) tls_ = std::make_unique<secure>(how.tls, how.host, where.context());
    socket_ = socket.release();
}

error stream::broken(int number, std::string_view doing) {
    return {errc::connection_lost, std::string(doing) + ": " + std::strerror(number)};
}

stream::~stream() {
    if (!closed_) ::close(socket_);
}

void stream::start() {
    started_ = true;
    loop_.readiness().add(socket_, EPOLLIN, shared_from_this());
    if (tls_ != nullptr) await_handshake();
}

// Tells the loop what to wait for, after a change. A peer that is not heard is noticed when it goes.
void stream::watch() {
    if (!started_) return;
    const std::uint32_t input = closing_ || held_ ? 0U : heard_ ? EPOLLIN : EPOLLRDHUP;
    loop_.readiness().change(socket_, input | (waiting_writable_ ? EPOLLOUT : 0U));
}

void stream::listen_to_peer(bool heard) {
    if (std::exchange(heard_, heard) != heard && !is_ending()) watch();
}

void stream::hold_input(bool held) {
    if (std::exchange(held_, held) != held && !is_ending()) watch();
}

void stream::on_ready(std::uint32_t events) {
    const auto self = shared_from_this();
    // A hang-up is told even when nothing was asked for: then the next attempt to write finds out.
    if (waiting_writable_ && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
        waiting_writable_ = false;
        flush();
        if (!waiting_writable_ && !closed_) watch();
    }
    if (is_ending()) return;
    if (held_) {
        if ((events & (EPOLLERR | EPOLLHUP)) == 0) return;
        hold_input(false);  // nothing more can come, and this would be told again and again
    }
    if (!heard_) {
        if ((events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) close(end_of_peer());
    } else if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
        tls_ == nullptr ? read() : read_secure();
    }
}

// How many bytes came; 0 when there is nothing now, or nothing any more: then the stream is closed.
std::size_t stream::receive(std::span<char> into) {
    for (;;) {
        const ssize_t n = ::recv(socket_, into.data(), into.size(), 0);
        if (n > 0) return static_cast<std::size_t>(n);
        if (n == 0) {
            close(end_of_peer());
        } else if (errno == EINTR) {
            continue;
        } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
            close(broken(errno, "reading failed"));
        }
        return 0;
    }
}

void stream::read() {
    for (int i = 0; i < reads_per_turn; ++i) {
        const std::span<char> here = room(loop_.scratch());
        const std::size_t n = receive(here);
        if (n == 0 || !take(n)) return;
        if (n < here.size() || !heard_ || held_) return;
    }
}

protocol::output_buffer& stream::output() {
    if (!dirty_ && !closed_) {
        dirty_ = true;
        loop_.flush_later(shared_from_this());
    }
    return output_;
}

void stream::flush() {
    dirty_ = false;
    if (closed_) return;
    if (waiting_writable_) return limit_output();
    tls_ == nullptr ? send_plain() : send_secure();
}

void stream::send_plain() {
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
            return close(broken(errno, "writing failed"));
        }
        output_.consume(static_cast<std::size_t>(n));
    }
    if (closing_) close({errc::connection_lost, close_reason_});
}

void stream::limit_output() {
    if (output_.size() <= output_bytes_max_) return;
    close({errc::too_large, "the peer does not read: " + std::to_string(output_.size()) + " bytes wait for it"});
}

void stream::wait_writable() {
    limit_output();
    if (closed_) return;
    waiting_writable_ = true;
    watch();
}

void stream::close_after_flush(std::string reason) {
    if (is_ending()) return;
    closing_ = true;
    close_reason_ = std::move(reason);
    watch();
    if (!dirty_ && !waiting_writable_) {
        dirty_ = true;
        loop_.flush_later(shared_from_this());
    }
}

void stream::close(error why) {
    if (closed_) return;
    // Never from within another call: who is told may be in the middle of something with this stream.
    loop_.post([self = shared_from_this(), why = std::move(why)] { self->ended(why); });
    closed_ = true;
    if (started_) loop_.readiness().remove(socket_);
    if (tls_ != nullptr) {
        // A last word, if it can be said at once.
        tls_->session.end();
        const std::string_view last = tls_->session.wire();
        if (!waiting_writable_ && !last.empty()) (void)::send(socket_, last.data(), last.size(), MSG_NOSIGNAL);
        tls_->deadline.reset();
    }
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    output_.clear();
}

error stream::end_of_peer() const {
    if (is_secured()) return {errc::connection_lost, "the peer closed the connection"};
    return {errc::connection_failed,
            tls_->session.is_client() ? "the server closed the connection within the TLS handshake: does it speak TLS "
                                        "on this port?"
                                      : "the peer closed the connection within the TLS handshake"};
}

}  // namespace sheaf::net
