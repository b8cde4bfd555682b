#include "broker/queues.hpp"

#include <algorithm>

#include "broker/backlog.hpp"
#include "broker/planted_bug.hpp"

namespace sheaf::broker {
namespace {

line& line_of(function& f, protocol::priority p) {
    std::unique_ptr<line>& all = f.lines[static_cast<std::size_t>(p)];
    if (all == nullptr) all = std::make_unique<line>();
    return *all;
}

// Whether the job goes to the line of its queue, which may have to be begun.
bool belongs_in_line(const world& w, const job& j) {
    const function& f = w.functions[j.function];
    const auto p = static_cast<std::size_t>(j.priority);
    if (f.lines[p] != nullptr || j.hollow) return true;
    return f.ready[p].size >= jobs_in_memory(w) && may_leave(w, j);
}

// Before which of the numbers that the store has not been asked for it belongs by its age.
std::size_t place_by_age(const line& all, job_id id) {
    std::size_t place = all.numbers.size();
    while (place > all.asked && all.numbers[place - 1] > id.value()) --place;
    return place;
}

void line_up(world& w, slot at, bool by_age) {
    job& j = w.jobs[at];
    const slot function = j.function;
    const protocol::priority priority = j.priority;
    line& all = line_of(w.functions[function], priority);
    const std::size_t place = by_age ? place_by_age(all, j.id) : all.numbers.size();
    all.numbers.insert(all.numbers.begin() + static_cast<std::ptrdiff_t>(place), j.id.value());
    j.phase = lined_up{};
    if (may_leave(w, j)) {
        all.bytes += bytes_of(j);
        leave_memory(w, at);
    }
    refill(w, function, priority);
}

void insert_by_age(world& w, slot at) {
    job& j = w.jobs[at];
    j.phase = queued{};
    slot_list& ready = w.functions[j.function].ready_at(j.priority);
    const auto links = w.links_in_function();
    slot older = ready.last;
    while (older != no_slot && w.jobs[older].id > j.id) older = links(older).previous;
    insert_behind(ready, older, at, links);
}

}  // namespace

void join_queue(world& w, slot at) {
    job& j = w.jobs[at];
    if (belongs_in_line(w, j)) return line_up(w, at, false);
    j.phase = queued{};
    push_back(w.functions[j.function].ready_at(j.priority), at, w.links_in_function());
}

void join_queue_by_age(world& w, slot at) {
    const job& j = w.jobs[at];
    const function& f = w.functions[j.function];
    const slot_list& ready = f.ready[static_cast<std::size_t>(j.priority)];
    const bool has_line = f.lines[static_cast<std::size_t>(j.priority)] != nullptr;
    const bool is_youngest = ready.empty() || w.jobs[ready.last].id < j.id;
    if (has_line || (is_youngest && belongs_in_line(w, j))) return line_up(w, at, true);
    insert_by_age(w, at);
}

void leave_queue(world& w, slot at) {
    const job& j = w.jobs[at];
    // The line may come to it just now: then it leaves the list that it is put into.
    if (std::holds_alternative<lined_up>(j.phase)) refill(w, j.function, j.priority);
    if (std::holds_alternative<queued>(j.phase)) {
        remove(w.functions[j.function].ready_at(j.priority), at, w.links_in_function());
        if (is_planted(planted_bug::stranded_line)) return;
        if (w.background_is_held) w.to_wake.push_back(j.function);  // what stood behind it may be had now
    }
    refill(w, j.function, j.priority);
}

}  // namespace sheaf::broker
