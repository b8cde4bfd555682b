#include "fetch/exchange_session.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <utility>

namespace sheaf::fetch {
namespace {

// After so many bytes of a file, other peers get their turn.
constexpr std::uint64_t bytes_per_turn = 1 << 20;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

exchange_session::exchange_session(net::loop& where, unique_fd socket, const exchange_desk& desk,
                                   const session_limits& limits)
    : loop_(where), socket_(std::move(socket)), desk_(desk), limits_(limits) {}

void exchange_session::start() {
    allow(limits_.head_max);
    watched_ = EPOLLIN;
    loop_.readiness().add(socket_.get(), watched_, shared_from_this());
}

void exchange_session::check(clock::time_point now) {
    if (now >= until_) close();
}

void exchange_session::close() {
    if (!socket_) return;
    const auto self = shared_from_this();  // the poller may have been the last to hold us
    loop_.readiness().remove(socket_.get());
    socket_.reset();
}

void exchange_session::on_ready(std::uint32_t events) {
    if (!socket_) return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close();
    work();
}

void exchange_session::work() {
    step next = step::again;
    while (next == step::again) next = sending_ ? send() : read();
    if (next == step::end) return close();
    watch(sending_ ? EPOLLOUT : EPOLLIN);
}

void exchange_session::watch(std::uint32_t events) {
    if (std::exchange(watched_, events) != events) loop_.readiness().change(socket_.get(), events);
}

exchange_session::step exchange_session::read() {
    if (!ahead_.empty()) return take(std::exchange(ahead_, {}));
    const auto room = loop_.scratch().first(std::min(loop_.scratch().size(), request_head_bytes_max));
    const ssize_t came = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (came == 0) return step::end;
    if (came < 0) return would_block() ? step::wait : step::end;
    return take({room.data(), static_cast<std::size_t>(came)});
}

exchange_session::step exchange_session::take(std::string_view bytes) {
    const bool begins = !requests_.has_begun();
    bytes.remove_prefix(requests_.feed(bytes));
    if (requests_.now() == request_reader::state::reading) {
        if (begins) allow(limits_.head_max);  // once: or a byte now and then would hold the connection for ever
        return step::wait;
    }
    if (requests_.now() == request_reader::state::refused) {
        begin(refusal(requests_.status()));
        return step::again;
    }
    ahead_ = bytes;
    begin(desk_.answer(requests_.take()));
    return step::again;
}

void exchange_session::begin(exchange_reply reply) {
    reply_ = std::move(reply);
    head_sent_ = 0;
    sending_ = true;
    allow(limits_.stall_max);
}

exchange_session::step exchange_session::send() {
    if (head_sent_ < reply_.head.size()) return send_head();
    if (reply_.file && reply_.part.length > 0) return send_file();
    sending_ = false;
    reply_.file.reset();
    if (reply_.close) return step::end;
    allow(limits_.idle_max);
    return step::again;
}

exchange_session::step exchange_session::send_head() {
    // One packet for a small file.
    const int more = reply_.file ? MSG_MORE : 0;
    const ssize_t sent = ::send(socket_.get(), reply_.head.data() + head_sent_, reply_.head.size() - head_sent_,
                                MSG_NOSIGNAL | MSG_DONTWAIT | more);
    if (sent < 0) return would_block() ? step::wait : step::end;
    head_sent_ += static_cast<std::size_t>(sent);
    return step::again;
}

exchange_session::step exchange_session::send_file() {
    std::uint64_t turn = std::min(reply_.part.length, bytes_per_turn);
    while (turn > 0) {
        auto from = static_cast<off_t>(reply_.part.offset);
        const ssize_t sent = ::sendfile(socket_.get(), reply_.file.get(), &from, turn);
        if (sent < 0 && would_block()) return step::wait;
        if (sent <= 0) return step::end;  // the disk failed, or the file has been cut: the peer sees too few bytes
        allow(limits_.stall_max);
        reply_.part.offset += static_cast<std::uint64_t>(sent);
        reply_.part.length -= static_cast<std::uint64_t>(sent);
        turn -= static_cast<std::uint64_t>(sent);
    }
    return reply_.part.length > 0 ? step::wait : step::again;
}

}  // namespace sheaf::fetch
