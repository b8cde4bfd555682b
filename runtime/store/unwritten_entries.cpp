#include "store/unwritten_entries.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace sheaf::store {
namespace {

// The jobs and runs that an entry is about.
struct add_names {
    std::unordered_set<job_number>& to;

    void operator()(const job_row& row) const { to.insert(row.id); }
    void operator()(job_number job) const { to.insert(job); }
    void operator()(const result_row& result) const { to.insert(result.id); }
    void operator()(const dead_letter& letter) const { to.insert(letter.job.id); }
    void operator()(const attempt_note& note) const { to.insert(note.id); }
    void operator()(const run_change& change) const {
        to.insert(change.run);
        to.insert(change.ended.begin(), change.ended.end());
        for (const job_row& one : change.jobs) to.insert(one.id);
        for (const gathered_row& one : change.gathered) to.insert(one.row.id);
    }
    void operator()(const asked& /*question*/) const {}
};

// Of what leaves more space than it takes: the job.
struct made_space_by {
    std::optional<job_number> operator()(job_number job) const { return job; }
    std::optional<job_number> operator()(const result_row& result) const {
        return result.data.empty() ? std::optional(result.id) : std::nullopt;
    }
    std::optional<job_number> operator()(const auto& /*other*/) const { return std::nullopt; }
};

std::optional<job_number> spacious_end(const entry& one) { return std::visit(made_space_by{}, one); }

dead_letter summary_of(dead_letter letter) {
    letter.job.payload = {};
    letter.exception = {};
    letter.log.clear();
    return letter;
}

struct add_count {
    unwritten_counts& to;

    void operator()(const job_row& /*row*/) const { ++to.jobs; }
    void operator()(const attempt_note& /*note*/) const { ++to.notes; }
    void operator()(const run_change& /*change*/) const { ++to.steps; }
    void operator()(const asked& /*question*/) const {}
    void operator()(const auto& /*end*/) const { ++to.ends; }
};

}  // namespace

unwritten_counts unwritten_entries::counts() const {
    unwritten_counts counts;
    for (const entry& one : entries_) std::visit(add_count{counts}, one);
    return counts;
}

void unwritten_entries::keep(std::vector<entry> some) {
    std::unordered_set<job_number> named;
    if (std::ranges::any_of(some, [](const entry& one) { return spacious_end(one).has_value(); })) {
        for (const entry& one : entries_) std::visit(add_names{named}, one);
    }
    std::vector<entry> spacious;
    std::vector<entry> others;
    for (entry& one : some) {
        const auto job = spacious_end(one);
        const bool is_first = job && !named.contains(*job);
        std::visit(add_names{named}, one);
        (is_first ? spacious : others).push_back(std::move(one));
    }
    entries_.insert(entries_.begin(), std::move_iterator(spacious.begin()), std::move_iterator(spacious.end()));
    entries_.insert(entries_.end(), std::move_iterator(others.begin()), std::move_iterator(others.end()));
}

void unwritten_entries::write_with(const std::function<bool(std::span<entry>)>& write) {
    std::size_t first = 0;
    bool has_space = true;
    while (first != entries_.size()) {
        const std::span<entry> some = portion(first);
        has_space = write(some);
        if (has_space) {
            first += some.size();
            most_ = std::min(most_ * 2, portion_jobs_max);
        } else if (some.size() > 1) {
            most_ = some.size() / 2;
        } else {
            break;
        }
    }
    most_ = has_space ? portion_jobs_max : 1;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first));
}

std::span<entry> unwritten_entries::portion(std::size_t first) {
    std::size_t bytes = 0;
    std::size_t end = first;
    while (end != entries_.size() && end - first < most_ && bytes < portion_bytes_max) {
        bytes += payload_size(entries_[end++]);
    }
    return std::span(entries_).subspan(first, end - first);
}

std::vector<entry> unwritten_entries::take_first_questions() {
    const auto first_change = std::ranges::find_if_not(entries_, &is_question);
    std::vector<entry> questions(std::move_iterator(entries_.begin()), std::move_iterator(first_change));
    entries_.erase(entries_.begin(), first_change);
    return questions;
}

std::optional<reply> unwritten_entries::answer(const question& what) const {
    if (empty()) return std::nullopt;
    if (const auto* const load = std::get_if<load_jobs>(&what); load != nullptr && has_job_of(*load)) {
        return error{errc::io_error, "store_full: these jobs wait for space on the disk"};
    }
    const bool takes_letters = std::holds_alternative<find_letters>(what) || std::holds_alternative<revive>(what) ||
                               std::holds_alternative<purge>(what);
    if (takes_letters && has_letters()) {
        return error{errc::io_error,
                     "store_full: dead letters wait for space on the server's disk; make some, and ask again"};
    }
    const auto* const ended = std::get_if<find_ended>(&what);
    return ended != nullptr ? find(*ended) : std::nullopt;
}

// The last one that has ended.
std::optional<reply> unwritten_entries::find(const find_ended& what) const {
    const auto is_it = [&](job_number id, const std::string& unique) {
        return what.id != 0 ? id == what.id : unique == what.unique;
    };
    for (auto at = entries_.rbegin(); at != entries_.rend(); ++at) {
        const auto* const result = std::get_if<result_row>(&*at);
        if (result != nullptr && is_it(result->id, result->unique)) return *result;
        const auto* const letter = std::get_if<dead_letter>(&*at);
        if (letter != nullptr && is_it(letter->job.id, letter->job.unique)) return *letter;
    }
    return std::nullopt;
}

bool unwritten_entries::has_job_of(const load_jobs& what) const {
    const std::unordered_set<job_number> wanted(what.ids.begin(), what.ids.end());
    return std::ranges::any_of(entries_, [&](const entry& one) {
        const auto* const row = std::get_if<job_row>(&one);
        return row != nullptr && wanted.contains(row->id);
    });
}

bool unwritten_entries::has_letters() const {
    return std::ranges::any_of(entries_, [](const entry& one) { return std::holds_alternative<dead_letter>(one); });
}

void unwritten_entries::list_letters_to(const list_letters& what, letter_list& to) const {
    std::vector<dead_letter> newest;
    for (auto at = entries_.rbegin(); at != entries_.rend(); ++at) {
        const auto* const letter = std::get_if<dead_letter>(&*at);
        if (letter == nullptr || (!what.function.empty() && letter->job.function != what.function)) continue;
        ++to.total;
        if (newest.size() < what.most) newest.push_back(summary_of(*letter));
    }
    to.letters.insert(to.letters.begin(), newest.begin(), newest.end());
    to.letters.resize(std::min(to.letters.size(), what.most));
}

}  // namespace sheaf::store
