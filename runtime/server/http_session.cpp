#include "server/http_session.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "protocol/encode.hpp"
#include "server/hub.hpp"

namespace sheaf::server {
namespace {

// What is read at once: no more of a peer's bytes is kept while they are not wanted.
constexpr std::size_t read_bytes_max = std::size_t{64} << 10;

// The broker's own packets need no limit.
protocol::frame_limits of_the_broker() {
    protocol::frame_limits limits;
    limits.body_bytes_max = std::numeric_limits<std::uint32_t>::max();
    return limits;
}

}  // namespace

// The stream, which is flushed when the broker has said something, or there is room again.
class http_session::wire_stream final : public net::stream {
  public:
    wire_stream(net::loop& where, net::stream_socket socket, const net::stream_terms& how, http_session& owner)
        : stream(where, std::move(socket), how), owner_(owner) {}

    void flush() override {
        if (is_open()) owner_.translate();
        stream::flush();
        if (is_ending()) return;
        if (unhurried_output().empty()) owner_.exchange_.drained(owner_.now());
        owner_.settle();
    }
    void hear(bool wanted) { listen_to_peer(wanted); }

  private:
    std::span<char> room(std::span<char> scratch) override {
        room_ = scratch.first(std::min(scratch.size(), read_bytes_max));
        return room_;
    }
    bool take(std::size_t n) override {
        owner_.exchange_.received({room_.data(), n}, owner_.now());
        if (!is_ending()) owner_.settle();
        return !is_ending();
    }
    void secured() override { owner_.begin(); }
    void ended(const error& why) override { owner_.hub_.gone(owner_.id(), why); }
    [[nodiscard]] std::string plain_refusal(char) const override {
        return "HTTP/1.1 400 Bad Request\r\nContent-Length: 22\r\nConnection: close\r\n\r\nThis port wants https.\n";
    }

    http_session& owner_;
    std::span<char> room_;
};

http_session::http_session(hub& owner, broker::connection_id id, net::loop& where, std::uint32_t body_bytes_max)
    : session(owner, id),
      loop_(where),
      exchange_(*this, body_bytes_max, now()),
      reader_(of_the_broker()),
      timer_(where.context()) {}

http_session::~http_session() = default;

void http_session::open(net::stream_socket socket, const net::stream_terms& how) {
    stream_ = std::make_shared<wire_stream>(loop_, std::move(socket), how, *this);
    if (stream_->is_secured()) begin();
    stream_->start();
}

net::stream& http_session::stream() noexcept { return *stream_; }

protocol::output_buffer& http_session::output() {
    (void)stream_->output();  // so that there is a flush
    return said_;
}

// What a worker's exception says is to be the answer's body.
void http_session::begin() {
    hub_.know(*this);
    protocol::packet_view wish;
    wish.type = protocol::packet_type::option_req;
    wish.arguments[0] = "exceptions";
    hub_.packet(id(), wish);
    await_deadline();
}

http_exchange::instant http_session::now() const {
    return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

void http_session::submit(const protocol::packet_view& packet) { hub_.packet(id(), packet); }

protocol::output_buffer& http_session::wire() { return stream_->output(); }

void http_session::close_after_flush(std::string reason) { stream_->close_after_flush(std::move(reason)); }

void http_session::cut(std::string reason) { stream_->close({errc::timeout, std::move(reason)}); }

// Reads what the broker has written.
void http_session::translate() {
    while (!said_.empty()) {
        std::string_view piece;
        (void)said_.gather({&piece, 1});
        const std::span<char> room = reader_.prepare(loop_.scratch());
        const std::size_t n = std::min(piece.size(), room.size());
        std::memcpy(room.data(), piece.data(), n);
        said_.consume(n);
        reader_.received(n);
        while (reader_.next() == protocol::frame_reader::status::packet) exchange_.packet(reader_.packet(), now());
    }
}

void http_session::settle() {
    stream_->hear(exchange_.wants_input());
    await_deadline();
}

// A timer that rings too early is cheaper than one that is set again for each request.
void http_session::await_deadline() {
    const auto next = exchange_.deadline();
    if (next >= armed_for_) return;
    armed_for_ = next;
    timer_.expires_at(next);
    timer_.async_wait([this, weak = std::weak_ptr<net::stream>(stream_)](const boost::system::error_code& fault) {
        const auto still = weak.lock();
        if (fault || still == nullptr || !still->is_open()) return;
        armed_for_ = http_exchange::time_point::max();
        exchange_.tick(now());
        if (still->is_open()) settle();
    });
}

}  // namespace sheaf::server
