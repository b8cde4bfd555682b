#include "cluster/offered_tasks.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <string>

namespace sheaf::detail {
namespace {

bool matches(std::string_view pattern, std::string_view task) {
    return ::fnmatch(std::string(pattern).c_str(), std::string(task).c_str(), 0) == 0;
}

// How many handlers of a task with the limit `limit` a process may run: the first processes take all they can.
std::size_t share_of(std::size_t limit, process_place place) {
    const std::size_t before = place.index * place.slots;
    return limit > before ? std::min(limit - before, place.slots) : 0;
}

std::string names_of(const std::vector<binding>& tasks) {
    std::string names;
    for (const binding& one : tasks) names += (names.empty() ? "" : ", ") + one.name;
    return names;
}

}  // namespace

bool is_meant(std::string_view only, std::string_view task) {
    bool some_wanted = false;
    bool wanted = false;
    while (!only.empty()) {
        const auto end = std::min(only.find(','), only.size());
        std::string_view pattern = only.substr(0, end);
        only.remove_prefix(std::min(end + 1, only.size()));
        const bool takes_away = pattern.starts_with('!');
        if (takes_away) pattern.remove_prefix(1);
        if (pattern.empty()) continue;
        const bool is_match = matches(pattern, task);
        if (takes_away && is_match) return false;
        some_wanted = some_wanted || !takes_away;
        wanted = wanted || (!takes_away && is_match);
    }
    return wanted || !some_wanted;
}

basic_result<std::vector<binding>> offered_tasks(const std::vector<binding>& bound, std::string_view only,
                                                 process_place place) {
    std::vector<binding> offered;
    bool some_meant = false;
    for (const binding& one : bound) {
        if (!is_meant(only, one.name)) continue;
        some_meant = true;
        const std::size_t share = one.slots_max == 0 ? place.slots : share_of(one.slots_max, place);
        if (share == 0) continue;
        offered.push_back(one);
        offered.back().slots_max = share < place.slots ? share : 0;
    }
    if (!some_meant) {
        return error{errc::invalid_argument,
                     "SHEAF_ONLY='" + std::string(only) +
                         "' means none of the tasks of this program, which are: " + names_of(bound)};
    }
    return offered;
}

}  // namespace sheaf::detail
