#include "server/hub.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.hpp"
#include "server/hub_terms.hpp"

namespace sheaf::server {
namespace {

// How long peers have to take what was written to them before the server ends.
constexpr std::chrono::milliseconds flush_grace{1000};

// How late packets may be that nobody waits for.
constexpr std::chrono::milliseconds lateness{1};

// The largest packet has to get through whatever the limit is, or the job in it would cut off one worker after another.
std::size_t output_bytes_max(const runtime::server_options& how) {
    const std::size_t room = std::numeric_limits<std::size_t>::max() - how.output_bytes_max;
    return how.output_bytes_max + std::min<std::size_t>(how.packet_bytes_max, room);
}

std::shared_ptr<const net::tls_context> tls_of(const runtime::server_options& how) {
    if (std::ranges::none_of(how.listen, &endpoint::tls) && std::ranges::none_of(how.listen_http, &endpoint::tls))
        return nullptr;
    return std::make_shared<net::tls_context>(net::tls_context::side::server, how.tls);
}

// How many bytes of jobs may be on their way to the disk: far more than are written at once.
constexpr std::size_t flow_bytes_max = std::size_t{64} << 20;

}  // namespace

hub::hub(const runtime::server_options& how)
    : how_(how),
      tls_(tls_of(how)),
      store_(make_store()),
      core_(broker_options(how, store_->who()), *this),
      desk_({prefix_of(how, store_->who())}, facts_of(how, store_->who())),
      submissions_(flow_bytes_max),
      ends_(flow_bytes_max),
      timer_(loop_.context()),
      grace_(loop_.context()),
      late_timer_(loop_.context()) {
    if (how_.listen.empty()) throw runtime_failure({errc::invalid_argument, "the server has no address to listen on"});
    restore_jobs();
    loop_.at_turn_end([this] { end_turn(); });
    for (const endpoint& where : how_.listen) listen(where, speech::gearman, endpoints_);
    for (const endpoint& where : how_.listen_http) listen(where, speech::http, http_endpoints_);
}

hub::~hub() = default;

void hub::run() { loop_.run(); }

void hub::request_stop() {
    loop_.post([this] {
        drain();
        limit_drain();
    });
}

void hub::request_drain() {
    loop_.post([this] { drain(); });
}

void hub::request_stop_now() {
    loop_.post([this] {
        close_all();
        cut_all();
    });
}

void hub::listen(const endpoint& where, speech what, std::vector<endpoint>& all) {
    listeners_.push_back(std::make_unique<net::listener>(
        loop_, where, how_.backlog,
        [this, what, tls = where.tls](net::stream_socket socket) { welcome(std::move(socket), what, tls); }));
    all.push_back(listeners_.back()->local());
}

std::optional<broker::connection_id> hub::take_id() {
    if (sessions_.size() - free_ids_.size() >= how_.connections_max) {
        spdlog::warn("a connection was turned away: {} are open, which is the limit", how_.connections_max);
        return std::nullopt;
    }
    if (free_ids_.empty()) {
        free_ids_.emplace_back(static_cast<std::uint32_t>(sessions_.size()));
        sessions_.emplace_back();
    }
    const broker::connection_id id = free_ids_.back();
    free_ids_.pop_back();
    return id;
}

void hub::welcome(net::stream_socket socket, speech what, bool wants_tls) {
    const auto id = take_id();
    if (!id) return;
    const net::stream_terms terms{.output_bytes_max = output_bytes_max(how_),
                                  .keepalive = {.idle_seconds = how_.keepalive.idle_seconds,
                                                .interval_seconds = how_.keepalive.interval_seconds,
                                                .count = how_.keepalive.count},
                                  .tls = wants_tls ? tls_ : nullptr};
    if (what == speech::gearman) {
        auto made = std::make_unique<gearman_session>(*this, *id);
        gearman_session& here = *made;
        sessions_[id->value()] = std::move(made);
        here.open(std::make_shared<net::connection>(
            loop_, std::move(socket), here,
            net::connection_options{.frames = {.body_bytes_max = how_.packet_bytes_max, .skips_results = true},
                                    .output_bytes_max = terms.output_bytes_max,
                                    .keepalive = terms.keepalive,
                                    .tls = terms.tls}));
    } else {
        auto made = std::make_unique<http_session>(*this, *id, loop_, how_.packet_bytes_max);
        http_session& here = *made;
        sessions_[id->value()] = std::move(made);
        here.open(std::move(socket), terms);
    }
    spdlog::debug("connection {} from {}", id->value(), sessions_[id->value()]->stream().peer_address());
}

void hub::know(session& who) {
    who.become_known();
    core_.connected(who.id(), who.stream().peer_address(), who.stream().descriptor());
}

// Who submits faster than the disk writes is not read from for a while: then its own buffers, and TCP, hold it back.
void hub::packet(broker::connection_id from, const protocol::packet_view& packet) {
    const std::uint64_t before = submissions_.given();
    core_.packet(from, packet, now());
    if (!submissions_.is_over() || submissions_.given() == before) return;
    net::stream& submitter = sessions_[from.value()]->stream();
    if (submitter.is_input_held()) return;
    submitter.hold_input(true);
    held_back_.push_back(from);
}

// The store has caught up by a piece, or falls behind. Workers are always read from: they have clocks to meet, and what they bring
// is bounded by what they were given.
void hub::hold_or_let_go() {
    if (background_is_held_ ? ends_.has_room() : ends_.is_over()) {
        background_is_held_ = !background_is_held_;
        core_.hold_background(background_is_held_, now());
    }
    if (held_back_.empty() || !submissions_.has_room()) return;
    for (const broker::connection_id one : std::exchange(held_back_, {})) {
        sessions_[one.value()]->stream().hold_input(false);
    }
}

void hub::gone(broker::connection_id who, const error& why) {
    std::erase(held_back_, who);
    if (sessions_[who.value()]->is_known()) {
        spdlog::debug("connection {} ended: {}", who.value(), why.message);
        core_.disconnected(who, now());
    } else {
        spdlog::info("no TLS with {}: {}", sessions_[who.value()]->stream().peer_address(), why.message);
    }
    const auto caller = std::move(sessions_[who.value()]);  // destroyed when nothing of it is needed any more
    free_ids_.push_back(who);
    if (phase_ == phase::closing && free_ids_.size() == sessions_.size()) grace_.cancel();
}

protocol::output_buffer& hub::frame(broker::connection_id connection) {
    return sessions_[connection.value()]->output();
}

// Nearly always something else is written to the same connection before.
protocol::output_buffer& hub::late_frame(broker::connection_id connection) {
    session& to = *sessions_[connection.value()];
    if (late_.empty()) {
        late_timer_.expires_after(lateness);
        late_timer_.async_wait([this](const boost::system::error_code&) { flush_late(); });
    }
    late_.push_back(to.stream().shared_from_this());
    return to.unhurried_output();
}

void hub::flush_late() {
    for (const auto& one : late_) one->flush();
    late_.clear();
}

void hub::close(broker::connection_id connection, std::string_view reason) {
    sessions_[connection.value()]->stream().close_after_flush(std::string(reason));
}

void hub::shut_down(bool graceful) { graceful ? request_drain() : request_stop(); }

broker::instant hub::now() {
    if (!now_) {
        now_ = {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
        loop_.end_turn_later();
    }
    return *now_;
}

void hub::end_turn() {
    hold_or_let_go();
    while (std::exchange(uncommitted_, false)) store_->commit();  // what it answers may lead to more
    if (phase_ == phase::draining && core_.idle()) close_all();
    arm_timer();
    now_.reset();
}

// A timer that rings too early is cheaper than one that is set again in each turn.
void hub::arm_timer() {
    const auto next = core_.next_deadline();
    if (!next || *next >= armed_ || phase_ == phase::closing) return;
    armed_ = *next;
    timer_.expires_at(armed_);
    timer_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || phase_ == phase::closing) return;
        armed_ = broker::steady_time::max();
        core_.tick(now());
    });
}

void hub::drain() {
    if (phase_ != phase::serving) return;
    phase_ = phase::draining;
    listeners_.clear();
    core_.begin_drain(now());
    spdlog::debug("stopping: {} jobs run", core_.count().running);
}

void hub::limit_drain() {
    if (phase_ != phase::draining || std::exchange(drain_is_limited_, true)) return;
    grace_.expires_after(how_.stop_grace);
    grace_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || phase_ != phase::draining) return;
        const auto running = core_.count().running;
        spdlog::warn("{} still ran when the time to stop was over",
                     running == 1 ? "1 job" : std::to_string(running) + " jobs");
        close_all();
    });
}

void hub::close_all() {
    if (phase_ == phase::closing) return;
    phase_ = phase::closing;
    core_.begin_end();
    listeners_.clear();
    timer_.cancel();
    for (const auto& one : sessions_) {
        if (one) one->stream().close_after_flush("the server stops");
    }
    if (sessions_.size() == free_ids_.size()) return void(grace_.cancel());
    grace_.expires_after(flush_grace);
    grace_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault) cut_all();
    });
}

void hub::cut_all() {
    grace_.cancel();
    for (const auto& one : sessions_) {
        if (one) one->stream().close({errc::shutting_down, "the server stops"});
    }
}

}  // namespace sheaf::server
