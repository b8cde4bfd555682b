#include "broker/describe.hpp"

#include <algorithm>

#include <boost/json.hpp>

#include "base/printable.hpp"
#include "broker/absentees.hpp"
#include "broker/lifecycle.hpp"

namespace sheaf::broker {
namespace {

namespace json = boost::json;

// Beyond that, it is no use to anyone to know how many they are exactly.
constexpr std::size_t counted_max = 10'000;

std::string_view state_of(const job& j) {
    struct {
        std::string_view operator()(const uncommitted&) const { return "storing"; }
        std::string_view operator()(const scheduled&) const { return "delayed"; }
        std::string_view operator()(const queued&) const { return "queued"; }
        std::string_view operator()(const lined_up&) const { return "queued"; }
        std::string_view operator()(const running&) const { return "running"; }
    } const name;
    return std::visit(name, j.phase);
}

std::size_t jobs_in_line(const function& f, std::size_t priority) {
    return f.lines[priority] == nullptr ? 0 : f.lines[priority]->numbers.size();
}

// Jobs of the same function that are handed out before one that waits in a queue's list, or in its line. A few in a line may have
// ended.
std::size_t jobs_ahead(const world& w, const job& j) {
    const function& f = w.functions[j.function];
    const auto own = static_cast<std::size_t>(j.priority);
    std::size_t count = 0;
    for (std::size_t p = 0; p < own; ++p) count += f.ready[p].size + jobs_in_line(f, p);
    if (const auto* const place = std::get_if<queued>(&j.phase)) {
        slot at = place->in_function.previous;
        for (; at != no_slot && count < counted_max; ++count)
            at = std::get<queued>(w.jobs[at].phase).in_function.previous;
        return std::min(count, counted_max);
    }
    count += f.ready[own].size;
    if (f.lines[own] == nullptr || count >= counted_max) return std::min(count, counted_max);
    const auto& line = f.lines[own]->numbers;
    const auto end = line.begin() + static_cast<std::ptrdiff_t>(std::min(line.size(), counted_max - count));
    return count + static_cast<std::size_t>(std::find(line.begin(), end, j.id.value()) - line.begin());
}

std::string seconds_until(const world& w, wall_time at) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(at - w.last.wall);
    return std::to_string(std::max<std::int64_t>(left.count(), 0)) + " s";
}

std::string why_queued(const world& w, const job& j, std::size_t ahead) {
    const function& f = w.functions[j.function];
    if (f.workers == 0) return "no worker offers " + f.name;
    if (ahead == 0) return "it is the next one for a worker that is free";
    return "behind " + std::to_string(ahead) +
           (ahead == counted_max ? " others or more"
            : ahead == 1         ? " other"
                                 : " others");
}

std::string why_delayed(const world& w, const job& j, wall_time run_at) {
    if (run_at == known_elsewhere) return "not due";
    if (j.attempts == 0) return "not due for " + seconds_until(w, run_at);
    return "tried " + std::to_string(j.attempts) + " of " + std::to_string(attempts_max(w, j)) + " times, next in " +
           seconds_until(w, run_at);
}

void add_wait(json::object& to, const world& w, const job& j) {
    if (const auto* const later = std::get_if<scheduled>(&j.phase)) {
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(later->run_at.time_since_epoch());
        if (later->run_at != known_elsewhere) to["run_at_ms"] = since.count();
        to["why"] = why_delayed(w, j, later->run_at);
    } else if (std::holds_alternative<queued>(j.phase) || std::holds_alternative<lined_up>(j.phase)) {
        const std::size_t ahead = jobs_ahead(w, j);
        to["ahead"] = ahead;
        to["why"] = why_queued(w, j, ahead);
    } else if (std::holds_alternative<uncommitted>(j.phase)) {
        to["why"] = "it is being written to the disk";
    }
}

void add_run(json::object& to, const world& w, const job& j) {
    const auto* const run = std::get_if<running>(&j.phase);
    if (run == nullptr) return;
    to["numerator"] = run->numerator;
    to["denominator"] = run->denominator;
    to["worker"] = name_of_worker(w, run->worker);
    to["why"] = "a worker has it";
}

}  // namespace

std::string_view name_of(protocol::priority which) noexcept {
    switch (which) {
        case protocol::priority::high: return "high";
        case protocol::priority::low: return "low";
        default: return "normal";
    }
}

namespace {

std::string describe(const world& w, const job& j) {
    json::object about;
    about["handle"] = std::string_view(w.handle_of(j));
    about["function"] = utf8_text(w.functions[j.function].name);
    if (!j.unique.empty()) about["unique"] = utf8_text(j.unique);
    about["state"] = state_of(j);
    about["priority"] = name_of(j.priority);
    about["background"] = j.background;
    if (!j.hollow) {
        about["attempt"] =
            j.attempts + (std::holds_alternative<running>(j.phase) ? 1U : 0U);  // from 1; 0: none has begun
        if (j.background) about["attempts_max"] = attempts_max(w, j);
        about["losses"] = j.retries;
    }
    about["workers"] = w.functions[j.function].workers;
    add_wait(about, w, j);
    add_run(about, w, j);
    return json::serialize(about);
}

}  // namespace

std::string describe(const world& w, slot at) { return describe(w, w.jobs[at]); }

std::string describe_absent(const world& w, job_id id, std::string_view unique) {
    job known = hollow_job(w, id);
    known.unique = unique;
    return describe(w, known);
}

std::string describe_cancelled_absent(const world& w, job_id id) {
    return json::serialize(json::object{{"was", state_of(hollow_job(w, id))}});
}

std::string describe_unknown() {
    return json::serialize(json::object{{"state", "unknown"}, {"why", unknown_job_text}});
}

std::string describe_cancelled(const world& w, slot at) {
    return json::serialize(json::object{{"was", state_of(w.jobs[at])}});
}

}  // namespace sheaf::broker
