#include "apps/named_cluster.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "apps/sheaf_commands.hpp"
#include "up/cluster_ownership.hpp"

namespace sheaf::apps {
namespace {

error just_starting(const std::string& name) {
    return {errc::connection_failed, "the cluster \"" + name + "\" is just starting, or ending; try again"};
}

}  // namespace

std::string name_option(const std::string& name) { return name == up::default_name ? "" : " --name " + name; }

basic_result<up::named_state> find_running(const std::string& name) {
    const auto paths = up::paths_of(name);
    if (!paths) return paths.error();
    const up::presence found = up::find_cluster(*paths);
    if (found != up::presence::up) {
        return error{errc::connection_failed,
                     "no cluster \"" + name + "\" is up" +
                         (found == up::presence::swept ? ": it was killed, and what it left has been removed" : "") +
                         "; start it with: sheaf up" + name_option(name) + " PROGRAM"};
    }
    auto state = up::read_state(paths->state);
    if (state) return up::named_state{name, *std::move(state)};
    if (state.error().code == errc::malformed) return state.error();
    return just_starting(name);
}

basic_result<up::control_client> control_of(const std::string& name, const up::cluster_paths& paths) {
    try {
        return up::control_client(paths.control_socket());
    } catch (const runtime_failure& why) {
        if (why.code() != errc::connection_failed) throw;
        return just_starting(name);
    }
}

basic_result<target> find_target(const target_options& how) {
    std::string servers = how.servers;
    if (servers.empty() && how.name.empty()) {
        const char* const from_environment = std::getenv("SHEAF_SERVER");
        if (from_environment != nullptr) servers = from_environment;
    }
    if (!servers.empty()) {
        auto parsed = parse_endpoints(servers);
        if (!parsed) return parsed.error();
        return target{*std::move(parsed), std::nullopt};
    }
    auto cluster = find_running(how.name.empty() ? up::default_name : how.name);
    if (!cluster) return cluster.error();
    return target{cluster->state.servers, *std::move(cluster)};
}

std::vector<endpoint> servers_to_ask(const target& where) {
    auto servers = where.servers;
    if (where.cluster) servers.resize(1);
    return servers;
}

int exit_code_of(const error& why) {
    switch (why.code) {
        case errc::invalid_argument: return exit_usage;
        case errc::connection_failed:
        case errc::connection_lost: return exit_cannot_connect;
        case errc::timeout: return exit_timeout;
        default: return exit_failed;
    }
}

int report(const char* command, const error& why) {
    std::fprintf(stderr, "%s: %s\n", command, why.message.c_str());
    return exit_code_of(why);
}

}  // namespace sheaf::apps
