#include "store.hpp"

namespace sheaf::sim {

void store::commit(std::size_t count, unsigned refuse_percent, std::mt19937_64& random) {
    for (; count != 0 && !log_.empty(); --count) {
        const entry next = log_.front();
        log_.pop_front();
        if (!next.is_new) {
            rows_.erase(next.job.value());
            continue;
        }
        const bool kept = random() % 100 >= refuse_percent;
        if (kept) rows_[next.job.value()] = next.record;
        answers_.push_back({next.job, kept});
    }
}

bool store::take_answer(std::mt19937_64& random, answer& taken) {
    if (answers_.empty()) return false;
    const auto at = answers_.begin() + static_cast<std::ptrdiff_t>(random() % answers_.size());
    taken = *at;
    answers_.erase(at);
    return true;
}

void store::crash() {
    log_.clear();
    answers_.clear();
}

}  // namespace sheaf::sim
