#include "broker/wake.hpp"

#include <algorithm>
#include <utility>

#include "broker/abilities.hpp"
#include "broker/backlog.hpp"
#include "broker/planted_bug.hpp"
#include "broker/reply.hpp"

namespace sheaf::broker {
namespace {

void leave_sleepers(world& w, const connection& worker) {
    for (const slot a : worker.abilities) remove_sleeper(w, a);
}

slot_list& list_of(world& w, const ability& of) {
    const bool is_open = std::holds_alternative<open_grab>(w.connections[of.worker].sleep);
    return is_open ? w.functions[of.function].open_grabs : w.functions[of.function].sleepers;
}

void count_on(world& w, connection_id worker, slot function) {
    connection& peer = w.connections[worker];
    peer.sleep = woken{.function = function, .patience_ends = w.last.steady + w.how.wakeup_patience, .in_woken = {}};
    push_back(w.woken_connections, worker.value(), w.links_in_woken());
    ++w.functions[function].woken;
}

// Returns the function whose job had woken the connection, or no_slot.
slot stop_counting_on(world& w, connection_id worker) {
    connection& peer = w.connections[worker];
    const auto* const was = std::get_if<woken>(&peer.sleep);
    if (was == nullptr) return no_slot;
    const slot function = was->function;
    remove(w.woken_connections, worker.value(), w.links_in_woken());
    peer.sleep = awake{};
    --w.functions[function].woken;
    return function;
}

void wake(world& w, connection_id worker, slot function) {
    leave_sleepers(w, w.connections[worker]);
    count_on(w, worker, function);
    send<protocol::packet_type::noop>(w, worker);
}

}  // namespace

void add_sleeper(world& w, slot ability) {
    const connection& worker = w.connections[w.abilities[ability].worker];
    const bool is_idle = std::holds_alternative<open_grab>(worker.sleep) && worker.running.empty();
    slot_list& list = list_of(w, w.abilities[ability]);
    is_idle ? push_front(list, ability, w.links_in_sleepers()) : push_back(list, ability, w.links_in_sleepers());
}

void remove_sleeper(world& w, slot ability) {
    remove(list_of(w, w.abilities[ability]), ability, w.links_in_sleepers());
}

std::size_t urgency_now(const world& w, const function& f) {
    if (!w.background_is_held) return f.urgency();
    for (std::size_t p = 0; p < protocol::priority_count; ++p) {
        if (!f.ready[p].empty() && !w.jobs[f.ready[p].first].background) return p;
        if (f.ready[p].empty() && f.lines[p] != nullptr) break;
    }
    return protocol::priority_count;
}

std::uint32_t runnable_now(const world& w, const function& f) {
    if (!w.background_is_held) return f.runnable();
    return urgency_now(w, f) != protocol::priority_count ? 1 : 0;
}

void hold_background(world& w, bool held) {
    if (std::exchange(w.background_is_held, held) == held || held) return;
    w.functions.for_each([&](slot at, const function& f) {
        if (f.runnable() != 0) w.to_wake.push_back(at);
    });
    wake_refilled(w);
}

std::optional<std::size_t> choose_ability(const world& w, const connection& worker) {
    if (w.draining) return std::nullopt;
    const std::size_t count = worker.abilities.size();
    std::size_t best = protocol::priority_count;
    std::optional<std::size_t> chosen;
    std::size_t at = std::min(worker.next_ability, count - 1);
    for (std::size_t i = 0; i < count && best != 0; ++i, at = at == 0 ? count - 1 : at - 1) {
        const std::size_t urgent = urgency_now(w, w.functions[w.abilities[worker.abilities[at]].function]);
        if (urgent >= best) continue;
        best = urgent;
        chosen = at;
        if (is_planted(planted_bug::priority_inversion)) break;
    }
    return chosen;
}

void fall_asleep(world& w, connection_id worker) {
    connection& peer = w.connections[worker];
    if (std::holds_alternative<open_grab>(peer.sleep)) send<protocol::packet_type::no_job>(w, worker);
    wake_up(w, worker);
    if (const auto chosen = choose_ability(w, peer)) {
        count_on(w, worker, w.abilities[peer.abilities[*chosen]].function);
        send<protocol::packet_type::noop>(w, worker);
        return;
    }
    peer.sleep = asleep{};
    for (const slot a : peer.abilities) add_sleeper(w, a);
}

void leave_grab_open(world& w, connection_id worker) {
    connection& peer = w.connections[worker];
    peer.sleep = open_grab{};
    for (const slot a : peer.abilities) add_sleeper(w, a);
}

void come_to_rest(world& w, connection_id worker) {
    const connection& peer = w.connections[worker];
    if (!peer.running.empty() || !std::holds_alternative<open_grab>(peer.sleep)) return;
    leave_sleepers(w, peer);
    for (const slot a : peer.abilities) add_sleeper(w, a);
}

void wake_up(world& w, connection_id worker) {
    connection& peer = w.connections[worker];
    if (waits_for_jobs(peer.sleep)) {
        leave_sleepers(w, peer);
        peer.sleep = awake{};
    } else if (const slot function = stop_counting_on(w, worker); function != no_slot) {
        wake_for(w, function);
    }
}

void wake_for(world& w, slot function) {
    if (w.draining) return;
    struct function& f = w.functions[function];
    while (!f.open_grabs.empty() && runnable_now(w, f) != 0) {
        const connection_id worker = w.abilities[f.open_grabs.first].worker;
        wake_up(w, worker);
        send<protocol::packet_type::noop>(w, worker);
        hand_job(w, worker, protocol::packet_type::grab_job_uniq);
    }
    const std::size_t runnable = runnable_now(w, f);
    const bool all = runnable != 0 && w.how.worker_wakeup == 0;
    while (!f.sleepers.empty() && (all || f.woken < runnable * w.how.worker_wakeup)) {
        wake(w, w.abilities[f.sleepers.first].worker, function);
    }
}

void lose_patience(world& w) {
    while (!w.woken_connections.empty()) {
        const connection_id slow{w.woken_connections.first};
        if (std::get<woken>(w.connections[slow].sleep).patience_ends > w.last.steady) return;
        wake_for(w, stop_counting_on(w, slow));
    }
}

}  // namespace sheaf::broker
