// Clients, workers and brokers on a simulated network in virtual time: latency, refused connects, cuts, and peers that
// vanish without a word. Everything is decided by one seed.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core.hpp"
#include "client/client_core.hpp"
#include "protocol/frame_reader.hpp"
#include "support/packet_bytes.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::test {

using namespace std::chrono_literals;
using sim_time = std::chrono::steady_clock::time_point;

/// The clock, the events to come, and chance.
class sim_world {
  public:
    explicit sim_world(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] sim_time now() const noexcept { return now_; }
    [[nodiscard]] broker::instant instant() const noexcept {
        return {now_, broker::wall_time{} +
                          std::chrono::duration_cast<std::chrono::system_clock::duration>(now_.time_since_epoch())};
    }
    void at(sim_time when, std::function<void()> what) { events_.push({when, ++sequence_, std::move(what)}); }
    void after(std::chrono::nanoseconds delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }
    /// Runs the first event that is due by `limit`; false when there is none.
    bool step(sim_time limit) {
        if (events_.empty() || events_.top().when > limit) return false;
        event next = events_.top();
        events_.pop();
        now_ = std::max(now_, next.when);
        next.what();
        return true;
    }
    [[nodiscard]] sim_time next_event() const { return events_.empty() ? sim_time::max() : events_.top().when; }
    void advance(sim_time to) { now_ = std::max(now_, to); }

    [[nodiscard]] std::uint64_t below(std::uint64_t n) {
        return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
    }
    [[nodiscard]] bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
    [[nodiscard]] double fraction() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    [[nodiscard]] std::chrono::microseconds latency() { return std::chrono::microseconds(50 + below(20000)); }

  private:
    struct event {
        sim_time when;
        std::uint64_t sequence;
        std::function<void()> what;
        bool operator<(const event& other) const {
            return when != other.when ? when > other.when : sequence > other.sequence;
        }
    };
    std::mt19937_64 random_;
    sim_time now_{1000s};
    std::uint64_t sequence_ = 0;
    std::priority_queue<event> events_;
};

/// What a core on one end of a wire has to offer.
class sim_peer {
  public:
    virtual ~sim_peer() = default;
    virtual void peer_connected(std::size_t server) = 0;
    virtual void peer_refused(std::size_t server) = 0;
    virtual void peer_lost(std::size_t server) = 0;
    virtual void peer_packet(std::size_t server, const protocol::packet_view& packet) = 0;
};

/// A job server: the real broker, and the wires that end at it.
class sim_server : public broker::sink {
  public:
    sim_server(sim_world& world, std::string name);

    /// Somebody at index `server` of its own list wants to connect.
    void request(sim_peer& peer, std::size_t server, bool refuse);
    /// `peer` hangs up, or gives up an attempt; it hears nothing more.
    void hang_up(sim_peer& peer);
    protocol::output_buffer& output_of(sim_peer& peer);
    /// Sends what both sides have written.
    void flush();

    /// Breaks some wire: both sides hear of it after a while. Nobody hears of one that goes silent.
    void break_one(bool silently);
    [[nodiscard]] broker::core& core() noexcept { return *core_; }

    // broker::sink
    protocol::output_buffer& frame(broker::connection_id connection) override {
        return wires_.at(connection.value()).from_server;
    }
    void persist(const broker::job_record&) override {}
    void forget(broker::job_id) override {}
    void close(broker::connection_id, std::string_view) override {}

  private:
    struct wire {
        sim_peer* peer = nullptr;  ///< null: the peer has hung up
        std::size_t server = 0;    ///< as the peer counts
        bool server_open = true;   ///< the broker has not been told the end
        bool silent = false;
        protocol::output_buffer to_server;
        protocol::output_buffer from_server;
        sim_time last_to_server{};
        sim_time last_from_server{};
    };

    [[nodiscard]] wire* wire_of(sim_peer& peer);
    void transmit(std::uint32_t id, protocol::output_buffer& bytes, bool to_server);
    void deliver(std::uint32_t id, const std::string& bytes, bool to_server);
    void tell_server_later(std::uint32_t id);
    void tell_peer_later(std::uint32_t id);

    sim_world& world_;
    std::unique_ptr<broker::core> core_;
    std::map<std::uint32_t, wire> wires_;
    std::map<sim_peer*, std::uint64_t> attempts_;
    std::uint64_t last_attempt_ = 0;
    std::uint32_t last_wire_ = 0;
};

}  // namespace sheaf::test
