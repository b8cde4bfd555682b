#include "store/memory_store.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace sheaf::store {

memory_store::memory_store(listener hears, const shelf_limits& limits)
    : hears_(std::move(hears)), limits_(limits), shelf_(limits.results_bytes_max) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    who_.made_at = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    who_.token = std::random_device()();
}

void memory_store::complete(result_row result) {
    const wall_time now = result.ended;
    shelf_.add(result.id, result.unique, result.data.size(), result.expires);
    results_.insert_or_assign(result.id, std::move(result));
    for (const job_number gone : shelf_.take_due(now)) results_.erase(gone);
}

void memory_store::bury(dead_letter letter) {
    const job_number id = letter.job.id;
    letters_.insert_or_assign(id, std::move(letter));
    const auto death = [](const auto& one) { return one.second.died; };
    while (letters_.size() > limits_.letters_max) letters_.erase(std::ranges::min_element(letters_, {}, death));
}

void memory_store::change_run(run_change change) {
    runs_.apply(change);
    add_outcomes(change, outcomes_);
}

// What is told may lead to more being asked for: that belongs to the next batch.
void memory_store::commit() {
    const auto outcomes = std::exchange(outcomes_, {});
    const auto questions = std::exchange(questions_, {});
    if (!outcomes.empty()) hears_.outcomes(outcomes);
    for (const asked& one : questions) {
        reply said = std::visit([this](const auto& what) { return answer(what); }, one.what);
        if (hears_.reply) hears_.reply(one.name, std::move(said));
    }
}

reply memory_store::answer(const find_ended& what) const {
    const result_row* best = nullptr;
    const auto consider = [&](job_number id) {
        const auto found = results_.find(id);
        if (found == results_.end() || found->second.expires <= what.now) return;
        if (what.id == 0 && found->second.unique != what.unique) return;
        if (best == nullptr || found->second.ended >= best->ended) best = &found->second;
    };
    const dead_letter* letter = nullptr;
    if (what.id != 0) {
        consider(what.id);
        if (const auto found = letters_.find(what.id); found != letters_.end()) letter = &found->second;
    } else {
        for (const job_number id : shelf_.with_unique(what.unique)) consider(id);
        for (const auto& [id, one] : letters_) {
            if (one.job.unique == what.unique && (letter == nullptr || one.died >= letter->died)) letter = &one;
        }
    }
    if (letter != nullptr && (best == nullptr || letter->died >= best->ended)) return *letter;
    if (best != nullptr) return *best;
    return {};
}

reply memory_store::answer(const list_letters& what) const {
    letter_list list;
    for (const auto& [id, one] : letters_) {
        if (!what.function.empty() && one.job.function != what.function) continue;
        ++list.total;
        list.letters.push_back(one);
        list.letters.back().job.payload = {};
        list.letters.back().exception = {};
        list.letters.back().log.clear();
    }
    std::ranges::stable_sort(list.letters, std::ranges::greater{}, &dead_letter::died);
    if (list.letters.size() > what.most) list.letters.resize(what.most);
    return list;
}

std::vector<job_number> memory_store::choose(const chosen_letters& which) const {
    std::vector<job_number> chosen;
    for (const auto& [id, one] : letters_) {
        const bool fits = which.id != 0             ? id == which.id
                          : !which.unique.empty()   ? one.job.unique == which.unique
                          : !which.function.empty() ? one.job.function == which.function
                                                    : true;
        if (fits) chosen.push_back(id);
    }
    return chosen;
}

reply memory_store::answer(const find_letters& what) const {
    found_letters found{.newest = letters_.empty() ? 0 : letters_.rbegin()->first};
    for (const job_number id : choose(what.which)) {
        if (id <= what.after) continue;
        if (found.jobs.size() == what.most) {
            found.is_all = false;
            break;
        }
        job_row& job = found.jobs.emplace_back(letters_.at(id).job);
        job.attempts = 0;
        job.losses = 0;
    }
    return found;
}

reply memory_store::answer(const revive& what) {
    revived back;
    for (const job_number id : what.ids) {
        if (letters_.erase(id) != 0) back.ids.push_back(id);
    }
    return back;
}

reply memory_store::answer(const purge& what) {
    std::vector<job_number> chosen = choose(what.which);
    chosen.resize(std::min(chosen.size(), what.most));
    for (const job_number id : chosen) letters_.erase(id);
    return purged{chosen.size()};
}

reply memory_store::answer(const count_rows& /*what*/) const {
    return totals{.results = results_.size(), .letters = letters_.size()};
}

reply memory_store::answer(const backup& /*what*/) const {
    return error{errc::not_supported, "this server keeps nothing on a disk"};
}

}  // namespace sheaf::store
