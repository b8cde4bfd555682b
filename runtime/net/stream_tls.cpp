// The part of a stream that speaks TLS: between its socket and the session, which knows nothing of sockets.
#include <array>
#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include "net/stream.hpp"

namespace sheaf::net {
namespace {

// The part of the scratch that holds what has come by TLS until it is decrypted into the rest.
constexpr std::size_t wire_bytes_per_read = std::size_t{64} << 10;
// What every TLS connection begins with, and no Gearman packet or line.
constexpr char tls_handshake_record = 0x16;

}  // namespace

void stream::await_handshake() {
    const auto limit = tls_->session.handshake_timeout();
    tls_->deadline->expires_after(limit);
    tls_->deadline->async_wait([weak = weak_from_this(), limit](const boost::system::error_code& fault) {
        const auto self = weak.lock();
        if (fault || self == nullptr || self->is_secured()) return;
        self->close({errc::connection_failed, "the TLS handshake was not over after " + std::to_string(limit.count()) +
                                                  " ms: the peer does not speak TLS, or says nothing"});
    });
    send_secure();
}

void stream::read_secure() {
    for (int i = 0; i < reads_per_turn && read_wire(); ++i) {
    }
    if (!closed_ && !waiting_writable_ && !tls_->session.wire().empty()) send_secure();
}

// Reads once, and hands over what came. False when there is nothing more for now.
bool stream::read_wire() {
    const std::span<char> wire = loop_.scratch().last(wire_bytes_per_read);
    const std::size_t n = receive(wire);
    if (n == 0) return false;
    if (!std::exchange(tls_->heard, true) && !tls_->session.is_client() && wire[0] != tls_handshake_record) {
        refuse_plain(wire[0]);
        return false;
    }
    tls_->session.feed({wire.data(), n});
    take_secure();
    return !is_ending() && heard_ && !held_ && n == wire.size();
}

// Hands over all that can be decrypted of what has come.
void stream::take_secure() {
    tls_session& session = tls_->session;
    if (session.what() == tls_session::state::open && tls_->deadline) become_secure();
    while (!is_ending()) {
        const std::size_t n = session.read(room(loop_.scratch().first(loop_.scratch().size() - wire_bytes_per_read)));
        if (n == 0) break;
        if (!take(n)) return;
    }
    if (is_ending()) return;
    if (session.what() == tls_session::state::failed) return close(session.why());
    if (session.what() == tls_session::state::ended) close(end_of_peer());
}

void stream::become_secure() {
    tls_->deadline.reset();
    if (!output_.empty()) (void)output();  // what was written before waits for a flush
    secured();
}

void stream::send_secure() {
    if (closing_ && !is_secured()) return close({errc::connection_lost, close_reason_});
    for (;;) {
        encrypt_output();
        if (tls_->session.what() == tls_session::state::failed) return close(tls_->session.why());
        const std::string_view wire = tls_->session.wire();
        if (wire.empty()) break;
        const ssize_t n = ::send(socket_, wire.data(), wire.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_writable();
        if (n < 0) return fail_writing(errno);
        tls_->session.sent(static_cast<std::size_t>(n));
    }
    if (closing_) close({errc::connection_lost, close_reason_});
}

// As much of the output as the session takes before it has sent what it has.
void stream::encrypt_output() {
    while (is_secured() && !output_.empty()) {
        std::array<std::string_view, pieces_per_write> pieces;
        const std::size_t count = output_.gather(pieces);
        std::size_t taken = 0;
        bool is_full = false;
        for (std::size_t i = 0; i < count && !is_full; ++i) {
            const std::size_t n = tls_->session.write(pieces[i]);
            taken += n;
            is_full = n < pieces[i].size();
        }
        output_.consume(taken);
        if (is_full) return;
    }
}

// A peer that refuses our certificate says so, and closes. What it said is worth more than that it has closed.
void stream::fail_writing(int number) {
    while (!is_ending() && heard_ && read_wire()) {
    }
    if (!closed_) close(broken(number, "writing failed"));
}

// The peer speaks, but not TLS: it is told in its own words.
void stream::refuse_plain(char first) {
    const std::string words = plain_refusal(first);
    if (!words.empty()) (void)::send(socket_, words.data(), words.size(), MSG_NOSIGNAL);
    close({errc::connection_failed, "the peer does not speak TLS, which this port wants"});
}

}  // namespace sheaf::net
