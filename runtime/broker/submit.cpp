#include "broker/submit.hpp"

#include <algorithm>

#include "base/parse_number.hpp"
#include "broker/absentees.hpp"
#include "broker/attachments.hpp"
#include "broker/backlog.hpp"
#include "broker/calendar.hpp"
#include "broker/lifecycle.hpp"
#include "broker/limits.hpp"
#include "broker/planted_bug.hpp"
#include "broker/reply.hpp"
#include "broker/runs.hpp"
#include "broker/services.hpp"
#include "broker/wake.hpp"

namespace sheaf::broker {
namespace {

using protocol::packet_view;
using protocol::submission;

bool refuse_words(world& w, connection_id from, const submission& what) {
    if (w.draining) {
        send_error(w, from, "SHUTDOWN", "The server is shutting down and takes no more jobs");
    } else if (what.function.size() > function_size_max) {
        send_too_large(w, from, "function name", function_size_max);
    } else if (what.reducer.size() > function_size_max) {
        send_too_large(w, from, "reducer name", function_size_max);
    } else if (what.unique.size() > unique_size_max) {
        send_too_large(w, from, "unique key", unique_size_max);
    } else {
        return false;
    }
    return true;
}

slot function_of(world& w, connection& from, std::string_view name) {
    if (!w.functions.is(from.last_function, name)) from.last_function = w.functions.intern(name);
    return from.last_function;
}

bool is_full(const function& f, protocol::priority p) {
    const std::uint32_t limit = f.limits[static_cast<std::size_t>(p)];
    return limit != 0 && f.total() >= limit;
}

void join(world& w, slot existing, connection_id from, bool background) {
    if (is_planted(planted_bug::double_assignment) && std::holds_alternative<running>(w.jobs[existing].phase)) {
        const job_id id = w.jobs[existing].id;
        give_back(w, existing);
        if (w.jobs.find(id) == no_slot && !w.absent.find(id)) return;  // that was one loss too many
        existing = summon(w, id);
    }
    if (!background) return attach_client(w, existing, from);
    if (w.jobs[existing].kept == durability::memory) make_durable(w, existing);
    acknowledge_background(w, existing, from);
}

// The store has it, so that nothing more is to be done for a submission in the background.
void join_absent(world& w, job_id existing, connection_id from, bool background) {
    if (!background) return attach_client(w, summon(w, existing), from);
    send<protocol::packet_type::job_created>(w, from, handle_text(w.how.handle_prefix, existing));
}

// `share`: makes the payload one's own.
template <class Share>
void submit(world& w, connection_id from, const submission& what, std::string_view payload, Share&& share,
            wall_time run_at = {}, const job_terms& terms = {}) {
    if (refuse_words(w, from, what)) return;
    const slot f = function_of(w, w.connections[from], what.function);
    const slot existing = w.jobs.find_same(f, what.unique, payload);
    if (existing != no_slot) return join(w, existing, from, what.background);
    if (const auto absent = find_absent_same(w, f, what.unique, payload)) {
        return join_absent(w, *absent, from, what.background);
    }
    if (is_full(w.functions[f], what.priority)) return send_error(w, from, "QUEUE_ERROR", "Job queue is full");
    const slot made = create(w, {.function = f,
                                 .unique = what.unique,
                                 .reducer = what.reducer,
                                 .priority = what.priority,
                                 .background = what.background,
                                 .run_at = run_at,
                                 .terms = terms,
                                 .payload = share()});
    if (what.background) return acknowledge_background(w, made, from);
    attach_client(w, made, from);
    wake_for(w, f);
}

void submit(world& w, connection_id from, const submission& what, const packet_view& packet, wall_time run_at = {}) {
    submit(
        w, from, what, packet.data, [&] { return packet.share_data(); }, run_at);
}

// Whether a job that was here before may have its number again.
bool make_way(world& w, job_id id) {
    if (id.value() == 0 || w.absent.find(id)) return false;
    if (const slot left = w.jobs.find(id); left != no_slot) {
        if (!is_discarded(w.jobs[left])) return false;
        // A dead letter that is tried again while its slow worker still has what is left of it.
        std::get<running>(w.jobs[left].phase).stood_for = id;
        w.jobs.rename(left, job_id{w.next_job++});
    }
    w.next_job = std::max(w.next_job, id.value() + 1);
    return true;
}

// gearmand reads the time as atoi does: what is no number is now.
wall_time parse_epoch(std::string_view text) {
    constexpr std::int64_t latest = 9'000'000'000;  // the year 2255; beyond it nanoseconds overflow
    return wall_time{std::chrono::seconds{std::clamp<std::int64_t>(leading_number<std::int64_t>(text), 0, latest)}};
}

}  // namespace

void on_submit(world& w, connection_id from, const packet_view& packet) {
    const auto what = protocol::as_submission(packet);
    SHEAF_ASSERT(what, "only submissions come here");
    if (is_service(what->function)) return on_service(w, from, *what, packet);
    submit(w, from, *what, packet);
}

void submit_with_terms(world& w, connection_id from, const submission& what, const shared_bytes& payload,
                       wall_time run_at, const job_terms& terms) {
    submit(
        w, from, what, payload.view(), [&] { return payload; }, run_at, terms);
}

void on_submit_epoch(world& w, connection_id from, const packet_view& packet) {
    submission what;
    what.function = packet[0];
    what.unique = packet[1];
    what.background = true;
    submit(w, from, what, packet, parse_epoch(packet[2]));
}

void on_submit_sched(world& w, connection_id from, const packet_view& packet) {
    const auto when =
        next_time({.minute = packet[2], .hour = packet[3], .day = packet[4], .month = packet[5], .weekday = packet[6]},
                  w.last.wall);
    if (!when) {
        return send_error(w, from, "INVALID_ARGUMENT", "The minute, hour, day, month and weekday name no time to come");
    }
    submission what;
    what.function = packet[0];
    what.unique = packet[1];
    what.background = true;
    submit(w, from, what, packet, *when);
}

void on_stored(world& w, job_id id) {
    answer_for_ended(w, id, acknowledged{id});
    const slot at = w.jobs.find(id);
    if (at == no_slot) return on_run_stored(w, id);
    if (w.jobs[at].kept != durability::storing) return;
    w.jobs[at].kept = durability::stored;
    if (is_of_run(w.jobs[at])) on_run_stored(w, w.jobs[at].terms->of->run);
    acknowledge_waiting(w, at);
    if (const auto* const waits = std::get_if<uncommitted>(&w.jobs[at].phase)) release(w, at, waits->run_at);
}

void on_gathered(world& w, job_id id, const shared_bytes& payload) {
    const slot at = w.jobs.find(id);
    if (at != no_slot && w.jobs[at].kept == durability::storing) w.jobs.give_payload(at, payload);
    on_stored(w, id);
}

void on_store_failed(world& w, job_id id, std::string_view why) {
    answer_for_ended(w, id, refused{std::string(why)});
    const slot at = w.jobs.find(id);
    if (on_run_refused(w, at != no_slot && is_of_run(w.jobs[at]) ? w.jobs[at].terms->of->run : id, why)) return;
    if (at == no_slot || w.jobs[at].kept != durability::storing) return;
    w.jobs[at].kept = durability::memory;
    w.jobs[at].background = false;
    if (w.background_is_held) w.to_wake.push_back(w.jobs[at].function);  // it is not held back any more
    refuse_waiting(w, at, why);
    // Clients that joined a background job lose nothing by its not being durable: it goes on in the foreground.
    if (is_planted(planted_bug::leaked_job) && !is_wanted(w.jobs[at])) return;
    if (!is_wanted(w.jobs[at])) return drop_if_unwanted(w, at);
    if (std::holds_alternative<uncommitted>(w.jobs[at].phase)) release(w, at, {});
}

void on_restore(world& w, const job_record& record) {
    if (!make_way(w, record.id)) return;
    job known = job_of(w, record);
    if (is_of_run(known) && !rejoin_run(w, known)) known.terms.reset();
    const slot at = w.jobs.insert(std::move(known));
    ++w.functions[w.jobs[at].function].waiting_at(record.priority);
    release(w, at, record.run_at);
}

bool on_revive(world& w, const job_record& letter) {
    const slot f = w.functions.intern(letter.function);
    const std::string_view payload = letter.payload.view();
    if (w.jobs.find_same(f, letter.unique, payload) != no_slot) return false;
    if (find_absent_same(w, f, letter.unique, payload) || !make_way(w, letter.id)) return false;
    job made = job_of(w, letter);
    made.kept = durability::storing;
    made.phase = uncommitted{.run_at = letter.run_at, .revived = true};
    if (is_of_run(made)) made.terms.reset();
    (void)w.jobs.insert(std::move(made));
    ++w.functions[f].waiting_at(letter.priority);
    return true;
}

void release_due(world& w) {
    for (;;) {
        const bool is_due = !w.schedule.empty() && w.schedule.begin()->first <= w.last.wall;
        if (has_absent_due(w) && (!is_due || w.absent_schedule.front() < *w.schedule.begin())) {
            release_absent_due(w);
        } else if (is_due) {
            const slot at = w.jobs.find(w.schedule.begin()->second);
            w.schedule.erase(w.schedule.begin());
            release(w, at, {});
        } else {
            return;
        }
    }
}

}  // namespace sheaf::broker
