#include "broker/absentees.hpp"

#include "broker/backlog.hpp"
#include "broker/unique_key.hpp"

namespace sheaf::broker {
namespace {

// Keys outlive their jobs a little.
bool has_ended(const world& w, job_id id) {
    const slot at = w.jobs.find(id);
    return at == no_slot ? !w.absent.find(id) : !w.jobs[at].hollow;
}

}  // namespace

std::optional<job_id> find_absent_same(const world& w, slot function, std::string_view unique,
                                       std::string_view payload) {
    if (w.keys_of_absent.size() == 0) return std::nullopt;
    const auto key = w.keys_of_absent.digest(function, unique, payload);
    const auto found = key ? w.keys_of_absent.find(*key) : std::nullopt;
    return found && !has_ended(w, *found) ? found : std::nullopt;
}

std::optional<job_id> find_absent_unique(const world& w, std::string_view unique) {
    std::optional<job_id> found;
    if (w.keys_of_absent.size() == 0 || key_is_payload(unique)) return found;
    w.functions.for_each([&](slot at, const function&) {
        if (!found) found = find_absent_same(w, at, unique, {});
    });
    return found;
}

job hollow_job(const world& w, job_id id) {
    const auto place = w.absent.find(id);
    SHEAF_ASSERT(place, "the job is absent");
    job made;
    made.id = id;
    made.function = place->function;
    made.priority = place->priority;
    made.background = true;
    made.kept = durability::stored;
    made.hollow = true;
    made.phase = lined_up{};
    if (place->delayed) made.phase = scheduled{known_elsewhere};
    return made;
}

slot summon(world& w, job_id id) {
    if (const slot here = w.jobs.find(id); here != no_slot) return here;
    job made = hollow_job(w, id);
    w.absent.erase(id);
    return w.jobs.insert(std::move(made));
}

void drop_absent(world& w, job_id id) {
    const auto place = w.absent.find(id);
    SHEAF_ASSERT(place, "only what is absent is dropped");
    w.absent.erase(id);
    --w.functions[place->function].waiting_at(place->priority);
    w.effects.forget(id);
    if (w.keys_of_absent.size() > 2 * w.absent.size()) {
        w.keys_of_absent.sweep([&](job_id one) { return has_ended(w, one); });
    }
    if (!place->delayed) refill(w, place->function, place->priority);
}

}  // namespace sheaf::broker
