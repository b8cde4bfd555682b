#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "apps/find_program.hpp"
#include "apps/sheaf_commands.hpp"
#include "base/printable.hpp"
#include <sheaf/server_status.hpp>

namespace sheaf::apps {
namespace {

constexpr std::chrono::seconds status_patience{5};

void say(const std::string& line) { std::fprintf(stderr, "sheaf run: %s\n", line.c_str()); }

// Workers of another build fail at the first type that differs, and those of another program leave calls waiting.
void warn_of_other_program(const std::string& program, const up::named_state& cluster) {
    const auto build = up::identify(program);
    if (!build || *build == cluster.state.build) return;
    std::error_code fault;
    const bool same_path = std::filesystem::weakly_canonical(program, fault) == cluster.state.program && !fault;
    const std::string served = sheaf::printable(cluster.state.program);
    say("warning: " +
        (same_path ? served + " is not the build that the workers run: it has changed since `sheaf up`"
                   : "the workers run " + served + ", not " + sheaf::printable(program) +
                         ": calls of tasks that it does not have will wait") +
        ". To serve this one: sheaf down" + name_option(cluster.name) + "; sheaf up" + name_option(cluster.name) + " " +
        sheaf::shell_word(program));
}

// Calls that nobody takes wait, and say nothing.
void warn_of_no_workers(const server_report& report, const std::string& name) {
    const auto is_served = [](const function_status& one) { return one.workers > 0 && !one.is_internal(); };
    if (std::ranges::any_of(report.functions, is_served)) return;
    say("warning: no worker of the cluster \"" + name +
        "\" serves anything now; calls will wait until one does (sheaf status" + name_option(name) + ")");
}

}  // namespace

int run_run(const run_command& what) {
    const auto cluster = find_running(what.name);
    if (!cluster) return report("sheaf run", cluster.error());
    const auto program = find_program(what.program.front());
    if (!program) {
        say(no_program(what.program.front()));
        return exit_failed;
    }
    const std::string server = to_string(cluster->state.servers.front());
    const auto reports = server_status(server, status_patience);
    if (reports.front().problem) return report("sheaf run", *reports.front().problem);
    warn_of_other_program(*program, *cluster);
    warn_of_no_workers(reports.front(), cluster->name);

    ::setenv("SHEAF_SERVER", server.c_str(), 1);
    ::unsetenv("SHEAF_ROLE");
    std::vector<char*> arguments;
    for (const std::string& one : what.program) arguments.push_back(const_cast<char*>(one.c_str()));  // execv's wish
    arguments.push_back(nullptr);
    ::execv(program->c_str(), arguments.data());
    say("cannot start " + *program + ": " + std::generic_category().message(errno));
    return exit_failed;
}

}  // namespace sheaf::apps
