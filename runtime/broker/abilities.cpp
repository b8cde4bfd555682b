#include "broker/abilities.hpp"

#include <algorithm>
#include <vector>

#include "base/parse_number.hpp"
#include "broker/lifecycle.hpp"
#include "broker/limits.hpp"
#include "broker/reply.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

using enum protocol::packet_type;

std::optional<std::size_t> find_ability(const world& w, const connection& worker, slot function) {
    for (std::size_t i = 0; i < worker.abilities.size(); ++i) {
        if (w.abilities[worker.abilities[i]].function == function) return i;
    }
    return std::nullopt;
}

std::size_t position_below(std::size_t position) { return position == 0 ? last_ability : position - 1; }

void drop_ability(world& w, connection_id from, std::size_t position) {
    connection& worker = w.connections[from];
    const slot at = worker.abilities[position];
    const slot function = w.abilities[at].function;
    if (waits_for_jobs(worker.sleep)) remove_sleeper(w, at);
    worker.abilities.erase(worker.abilities.begin() + static_cast<std::ptrdiff_t>(position));
    if (worker.next_ability >= position) worker.next_ability = position_below(worker.next_ability);
    w.abilities.erase(at);
    --w.functions[function].workers;
    // Woken for a job that it cannot do any more.
    const auto* const was = std::get_if<woken>(&worker.sleep);
    if (was != nullptr && was->function == function) wake_up(w, from);
}

// Gives back the connection's running jobs: of `function`, or all.
void give_back_running(world& w, connection_id from, slot function) {
    std::vector<slot> theirs;
    for (slot at = w.connections[from].running.first; at != no_slot; at = w.links_in_worker()(at).next) {
        if (function == no_slot || w.jobs[at].function == function) theirs.push_back(at);
    }
    for (const slot at : theirs) give_back(w, at);
}

void send_assignment(world& w, connection_id to, const job& j, protocol::packet_type how) {
    const handle_text handle = w.handle_of(j);
    const std::string_view function = w.functions[j.function].name;
    if (how == grab_job) {
        send<job_assign>(w, to, handle, function, j.payload);
    } else if (how == grab_job_all && j.reducer != nullptr) {
        send<job_assign_all>(w, to, handle, function, j.unique, *j.reducer, j.payload);
    } else {
        send<job_assign_uniq>(w, to, handle, function, j.unique, j.payload);
    }
}

}  // namespace

void on_can_do(world& w, connection_id from, std::string_view name, std::optional<std::chrono::milliseconds> timeout) {
    if (name.size() > function_size_max) return send_too_large(w, from, "function name", function_size_max);
    const slot function = w.functions.intern(name);
    connection& worker = w.connections[from];
    if (const auto known = find_ability(w, worker, function)) {
        w.abilities[worker.abilities[*known]].timeout = timeout;
        return;
    }
    const slot at = w.abilities.insert({.worker = from, .function = function, .timeout = timeout, .in_sleepers = {}});
    worker.abilities.push_back(at);
    ++w.functions[function].workers;
    if (!waits_for_jobs(worker.sleep)) return;
    add_sleeper(w, at);
    wake_for(w, function);
}

void on_cant_do(world& w, connection_id from, std::string_view name) {
    const slot function = w.functions.find(name);
    if (function == no_slot) return;
    if (const auto position = find_ability(w, w.connections[from], function)) drop_ability(w, from, *position);
    give_back_running(w, from, function);
}

void on_reset_abilities(world& w, connection_id from) {
    const connection& worker = w.connections[from];
    while (!worker.abilities.empty()) drop_ability(w, from, worker.abilities.size() - 1);
    give_back_running(w, from, no_slot);
}

bool hand_job(world& w, connection_id to, protocol::packet_type how) {
    connection& worker = w.connections[to];
    const auto chosen = choose_ability(w, worker);
    if (!chosen) return false;
    const ability& with = w.abilities[worker.abilities[*chosen]];
    worker.next_ability = position_below(*chosen);
    const function& f = w.functions[with.function];
    const slot at = f.ready[urgency_now(w, f)].first;
    assign(w, at, to, with.timeout);
    send_assignment(w, to, w.jobs[at], how);
    return true;
}

void on_grab(world& w, connection_id from, protocol::packet_type how) {
    w.connections[from].excepted = {};  // no failure follows: it goes on
    if (!hand_job(w, from, how)) send<no_job>(w, from);
    // Only now: the job that it takes must not wake another worker. A grab that is open stays so.
    if (!std::holds_alternative<open_grab>(w.connections[from].sleep)) wake_up(w, from);
}

void on_all_yours(world& w, connection_id from) {
    if (std::holds_alternative<open_grab>(w.connections[from].sleep)) return send<no_job>(w, from);
    const bool has_job = hand_job(w, from, grab_job_uniq);
    wake_up(w, from);
    if (!has_job) leave_grab_open(w, from);
}

std::optional<std::chrono::milliseconds> parse_timeout(std::string_view text, std::chrono::milliseconds unit) {
    using std::chrono::milliseconds;
    constexpr std::int64_t shortest = 1000;
    constexpr std::int64_t longest = std::int64_t{1000} * 60 * 60 * 24 * 365;
    const auto value = leading_number<std::int64_t>(text);
    if (value <= 0) return std::nullopt;
    return milliseconds{std::clamp(std::min(value, longest) * unit.count(), shortest, longest)};
}

}  // namespace sheaf::broker
