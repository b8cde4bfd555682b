#include "cluster/worker_posts.hpp"

#include <algorithm>
#include <signal.h>

namespace sheaf::detail {
namespace {

// What the processes offer that are not dedicated.
std::string only_the_rest(const supervisor_options& how) {
    std::string only = how.only;
    for (const dedicated_processes& one : how.dedicated) only += (only.empty() ? "!" : ",!") + one.only;
    return only;
}

}  // namespace

void post::begin(time_point now) {
    started = now;
    reached = killed = false;
    watch = end_watch();
    memory_kills = count_memory_kills();
}

end_circumstances post::circumstances(const exit_report& how) const {
    if (how.signal != SIGKILL || killed) return {.killed_by_us = killed};
    const auto now = count_memory_kills();
    return {.memory_ran_out = now && memory_kills && *now > *memory_kills};
}

std::optional<post::time_point> post::must_begin_by(std::chrono::milliseconds limit) const {
    if (reached || limit.count() <= 0) return std::nullopt;
    return started + limit;
}

std::size_t common_processes_max(const supervisor_options& how) { return std::max(how.processes, how.processes_max); }

std::size_t dedicated_processes_of(const supervisor_options& how) {
    std::size_t all = 0;
    for (const dedicated_processes& one : how.dedicated) all += one.processes;
    return all;
}

std::vector<post> posts_for(const supervisor_options& how) {
    std::vector<post> posts(common_processes_max(how));
    for (std::size_t i = 0; i < posts.size(); ++i) {
        posts[i].only = only_the_rest(how);
        posts[i].index = i;
    }
    for (const dedicated_processes& some : how.dedicated) {
        for (std::size_t i = 0; i < some.processes; ++i) {
            post& one = posts.emplace_back();
            one.only = some.only;
            one.index = i;
        }
    }
    for (post& one : posts) one.policy = restart_policy(how.limits);
    return posts;
}

}  // namespace sheaf::detail
