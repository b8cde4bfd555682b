#include <chrono>
#include <cstdio>

#include "apps/sheaf_commands.hpp"
#include "up/control_client.hpp"

namespace sheaf::apps {

int run_scale(const scale_command& what) {
    const auto cluster = find_running(what.name);
    if (!cluster) return report("sheaf scale", cluster.error());
    auto control = control_of(what.name, *up::paths_of(what.name));
    if (!control) return report("sheaf scale", control.error());
    const auto answer =
        control->ask({up::control_request::kind::scale, what.workers}, std::chrono::steady_clock::now() + what.timeout);
    if (answer) {
        std::printf("sheaf scale: cluster \"%s\" has %s\n", what.name.c_str(), answer->c_str());
        return exit_ok;
    }
    if (answer.error().code == errc::timeout) {
        return report("sheaf scale", {errc::timeout,
                                      "it is not done yet, and goes on: processes that are too many end when "
                                      "what they run has ended, and new ones have to start"});
    }
    return report("sheaf scale", answer.error());
}

}  // namespace sheaf::apps
