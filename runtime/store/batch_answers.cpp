#include "store/batch_answers.hpp"

#include <utility>
#include <vector>

namespace sheaf::store {

void batch_answers::jobs(std::span<const entry> of, const basic_result<void>& result) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        if (const auto* const row = std::get_if<job_row>(&one)) outcomes.push_back({.id = row->id, .result = result});
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

void batch_answers::steps(std::span<const entry> of) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        if (const auto* const change = std::get_if<run_change>(&one)) add_outcomes(*change, outcomes);
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

void batch_answers::refused_runs(std::span<const entry> of, const error& why) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        const auto* const change = std::get_if<run_change>(&one);
        if (change == nullptr || !change->begins) continue;
        outcomes.push_back({.id = change->run, .result = why});
        for (const job_row& row : change->jobs) outcomes.push_back({.id = row.id, .result = why});
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

void batch_answers::written(std::span<const entry> of, bool is_all) const {
    for (const entry& one : of) {
        if (!asks_what_is_written(one) || asks_for_ends(one)) continue;
        question(std::get<asked>(one).name,
                 is_all
                     ? reply{}
                     : error{errc::io_error,
                             "store_full: it is done, and will be on the disk when there is space; a crash before that "
                             "undoes it"});
    }
}

void batch_answers::ends(std::span<const entry> of) const {
    for (const entry& one : of) {
        if (asks_for_ends(one)) question(std::get<asked>(one).name, {});
    }
}

void batch_answers::question(ticket name, reply said) const {
    if (hears_.reply) hears_.reply(name, std::move(said));
}

}  // namespace sheaf::store
