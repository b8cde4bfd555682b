#include <chrono>
#include <cstdio>
#include <string>

#include "apps/sheaf_commands.hpp"
#include "up/cluster_ownership.hpp"
#include "up/control_client.hpp"

namespace sheaf::apps {
namespace {

// What ending takes when no handler is waited for.
constexpr std::chrono::seconds overhead{5};

int still_there(const std::string& name, const up::control_client& control) {
    return report("sheaf down", {errc::timeout, "the cluster \"" + name + "\" has not ended in time; `kill -9 " +
                                                    std::to_string(control.pid()) + "` ends it and its workers"});
}

}  // namespace

int run_down(const down_command& what) {
    const auto paths = up::paths_of(what.name);
    if (!paths) return report("sheaf down", paths.error());
    switch (up::find_cluster(*paths)) {
        case up::presence::up: break;
        case up::presence::swept:
            std::printf("sheaf down: cluster \"%s\" had been killed; what it left has been removed\n",
                        what.name.c_str());
            return exit_ok;
        case up::presence::absent:
            return report("sheaf down", {errc::connection_failed, "no cluster \"" + what.name + "\" is up"});
    }
    const auto deadline = std::chrono::steady_clock::now() + what.grace + overhead;
    auto control = control_of(what.name, *paths);
    if (!control) return report("sheaf down", control.error());
    const auto answer =
        control->ask({up::control_request::kind::down, static_cast<std::uint64_t>(what.grace.count())}, deadline);
    if (!answer && answer.error().code == errc::timeout) return still_there(what.name, *control);
    if (!control->wait_gone(deadline)) return still_there(what.name, *control);
    // It has removed its files, or has been killed meanwhile: then this does.
    if (up::find_cluster(*paths) == up::presence::up) {
        return report("sheaf down", {errc::cancelled, "the cluster has ended, but another one of that name has begun"});
    }
    std::printf("sheaf down: cluster \"%s\" has ended%s\n", what.name.c_str(),
                answer ? (", with its " + *answer).c_str() : "");
    return exit_ok;
}

}  // namespace sheaf::apps
