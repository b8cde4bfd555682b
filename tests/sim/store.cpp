#include "store.hpp"

#include <algorithm>

namespace sheaf::sim {

void store::commit(std::size_t count, unsigned refuse_percent, std::mt19937_64& random) {
    for (; count != 0 && !log_.empty(); --count) {
        const entry next = log_.front();
        log_.pop_front();
        const std::uint64_t id = next.job.value();
        switch (next.what) {
            case kind::keep: {
                const bool kept = random() % 100 >= refuse_percent;
                if (kept) rows_[id] = next.record;
                answers_.push_back({next.job, kept});
                break;
            }
            case kind::change:
                if (rows_.contains(id)) rows_[id] = next.record;
                break;
            case kind::forget:
                rows_.erase(id);
                if (next.how != end::unknown) ended_[id] = next.how;
                break;
            case kind::ask:
                replies_.push_back({next.name, next.job, ended_.contains(id) ? ended_.at(id) : end::unknown});
                break;
            case kind::load: look(next); break;
            case kind::step: make(next.step, random() % 100 < refuse_percent); break;
            case kind::take:
                replies_.push_back({next.name, next.job, end::unknown, next.text, runs_.take(next.job, next.text)});
                break;
            case kind::written: replies_.push_back({next.name, {}, end::unknown, next.text, {}}); break;
        }
    }
}

// Only a beginning may be refused.
void store::make(broker::run_change step, bool refuses) {
    if (step.begins && refuses) {
        answers_.push_back({step.run, false});
        for (const auto& one : step.jobs) answers_.push_back({one.id, false});
        return;
    }
    runs_.apply(step, rows_);
    for (const auto& one : step.jobs) answers_.push_back({one.id, true});
    for (const auto& one : step.gathered) answers_.push_back({one.job.id, true, one.job.payload});
    if (step.end) answers_.push_back({step.run, true});
}

void store::look(const entry& asked) {
    loaded_rows& found = loaded_.emplace_back();
    found.name = asked.name;
    for (const broker::job_id job : asked.wanted) {
        if (const auto row = rows_.find(job.value()); row != rows_.end()) found.found.push_back(row->second);
    }
}

namespace {

template <class T>
bool take_any(std::vector<T>& from, std::mt19937_64& random, T& taken) {
    if (from.empty()) return false;
    const auto at = from.begin() + static_cast<std::ptrdiff_t>(random() % from.size());
    taken = *at;
    from.erase(at);
    return true;
}

}  // namespace

// In any order, but for answers about the same thing.
bool store::take_answer(std::mt19937_64& random, answer& taken) {
    if (answers_.empty()) return false;
    const broker::job_id any = answers_[random() % answers_.size()].job;
    const auto first = std::ranges::find(answers_, any, &answer::job);
    taken = *first;
    answers_.erase(first);
    return true;
}

bool store::take_reply(std::mt19937_64& random, reply& taken) { return take_any(replies_, random, taken); }

bool store::take_rows(unsigned fail_percent, std::mt19937_64& random, loaded_rows& taken) {
    if (loaded_.empty()) return false;
    taken = std::move(loaded_.front());
    loaded_.pop_front();
    taken.failed = random() % 100 < fail_percent;
    if (!taken.found.empty()) taken.found.resize(1 + random() % taken.found.size());
    return true;
}

bool store::is_settled(broker::job_id job) const {
    const auto is_about = [&](const auto& one) { return one.job == job; };
    return std::ranges::none_of(log_, is_about) && std::ranges::none_of(answers_, is_about);
}

void store::crash() {
    log_.clear();
    answers_.clear();
    replies_.clear();
    loaded_.clear();
}

}  // namespace sheaf::sim
