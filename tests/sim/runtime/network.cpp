#include "network.hpp"

#include <stdexcept>
#include <utility>

namespace sheaf::test {
namespace {

// Whole packets only: a wire carries what was written in one turn.
template <class Take>
void each_packet(std::string_view bytes, Take&& take) {
    while (!bytes.empty()) {
        const auto u32 = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(i));
            return value;
        };
        const auto type = static_cast<protocol::packet_type>(u32(4));
        const auto way = bytes[3] == 'Q' ? protocol::direction::request : protocol::direction::response;
        protocol::packet_view packet;
        const std::size_t size = u32(8);
        if (!protocol::parse_packet(type, way, bytes.substr(protocol::header_size, size), packet)) {
            throw std::logic_error("a packet lacks arguments");
        }
        take(packet);
        bytes.remove_prefix(protocol::header_size + size);
    }
}

}  // namespace

sim_server::sim_server(sim_world& world, std::string name) : world_(world) {
    broker::options how;
    how.handle_prefix = "H:" + name + ":";
    core_ = std::make_unique<broker::core>(how, *this);
}

void sim_server::request(sim_peer& peer, std::size_t server, bool refuse) {
    const std::uint64_t attempt = attempts_[&peer] = ++last_attempt_;
    world_.after(world_.latency(), [this, &peer, server, refuse, attempt] {
        if (attempts_[&peer] != attempt) return;
        if (refuse) return peer.peer_refused(server);
        const std::uint32_t id = ++last_wire_;
        wires_[id].peer = &peer;
        wires_[id].server = server;
        core_->connected(broker::connection_id{id}, "127.0.0.1", static_cast<int>(id));
        peer.peer_connected(server);
    });
}

sim_server::wire* sim_server::wire_of(sim_peer& peer) {
    for (auto& [id, w] : wires_) {
        if (w.peer == &peer) return &w;
    }
    return nullptr;
}

void sim_server::hang_up(sim_peer& peer) {
    attempts_[&peer] = 0;
    for (auto& [id, w] : wires_) {
        if (w.peer != &peer) continue;
        w.peer = nullptr;
        tell_server_later(id);
    }
}

protocol::output_buffer& sim_server::output_of(sim_peer& peer) {
    wire* const w = wire_of(peer);
    if (w == nullptr) throw std::logic_error("a peer wrote to a server that it is not connected to");
    return w->to_server;
}

void sim_server::flush() {
    for (auto& [id, w] : wires_) {
        transmit(id, w.to_server, true);
        transmit(id, w.from_server, false);
    }
}

// Bytes stay in order: none overtakes those that were sent before.
void sim_server::transmit(std::uint32_t id, protocol::output_buffer& from, bool to_server) {
    if (from.empty()) return;
    wire& w = wires_.at(id);
    auto bytes = take_all(from);
    sim_time& last = to_server ? w.last_to_server : w.last_from_server;
    last = std::max(last, world_.now() + world_.latency());
    world_.at(last, [this, id, to_server, bytes = std::move(bytes)] { deliver(id, bytes, to_server); });
}

void sim_server::deliver(std::uint32_t id, const std::string& bytes, bool to_server) {
    each_packet(bytes, [&](const protocol::packet_view& packet) {
        const auto found = wires_.find(id);
        if (found == wires_.end() || found->second.silent) return;
        const wire& w = found->second;
        if (to_server && w.server_open) core_->packet(broker::connection_id{id}, packet, world_.instant());
        if (!to_server && w.peer != nullptr) w.peer->peer_packet(w.server, packet);
    });
}

void sim_server::break_one(bool silently) {
    std::vector<std::uint32_t> whole;
    for (const auto& [id, w] : wires_) {
        if (w.peer != nullptr && w.server_open && !w.silent) whole.push_back(id);
    }
    if (whole.empty()) return;
    const std::uint32_t id = whole[world_.below(whole.size())];
    wires_.at(id).silent = true;
    if (silently) return;
    tell_server_later(id);
    tell_peer_later(id);
}

void sim_server::tell_server_later(std::uint32_t id) {
    // A server learns late of a peer that vanished: by its own keepalive.
    const auto delay = wires_.at(id).silent ? std::chrono::microseconds(world_.below(5'000'000)) : world_.latency();
    world_.after(delay, [this, id] {
        wire& w = wires_.at(id);
        if (!std::exchange(w.server_open, false)) return;
        core_->disconnected(broker::connection_id{id}, world_.instant());
    });
}

void sim_server::tell_peer_later(std::uint32_t id) {
    world_.after(world_.latency(), [this, id] {
        wire& w = wires_.at(id);
        if (w.peer == nullptr) return;
        sim_peer& peer = *std::exchange(w.peer, nullptr);
        peer.peer_lost(w.server);
    });
}

}  // namespace sheaf::test
