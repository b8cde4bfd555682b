#include "server/letter_retry.hpp"

#include <algorithm>

namespace sheaf::server {

store::question letter_retry::next() {
    if (!taken_.empty()) return store::revive{taken_};
    return store::find_letters{.which = which_, .after = after_};
}

std::vector<store::job_row> letter_retry::found(store::found_letters&& what) {
    if (until_ == 0) until_ = what.newest;
    std::erase_if(what.jobs, [&](const store::job_row& one) { return one.id > until_; });
    is_last_ = what.is_all || what.jobs.empty();
    if (!what.jobs.empty()) after_ = what.jobs.back().id;
    offered_ = what.jobs.size();
    return std::move(what.jobs);
}

void letter_retry::take(std::vector<store::job_number> taken) {
    taken_ = std::move(taken);
    counts_.refused += offered_ - taken_.size();
}

std::vector<store::outcome> letter_retry::outcomes(const store::reply& said) {
    std::vector<store::outcome> all;
    const auto* const why = std::get_if<error>(&said);
    const auto* const back = std::get_if<store::revived>(&said);
    for (const store::job_number id : std::exchange(taken_, {})) {
        const bool is_job = back != nullptr && std::ranges::binary_search(back->ids, id);
        if (is_job) ++counts_.jobs;
        const error gone{errc::unknown_job, "its dead letter is gone"};
        all.push_back({.id = id, .result = is_job ? basic_result<void>{} : why != nullptr ? *why : gone});
    }
    return all;
}

}  // namespace sheaf::server
