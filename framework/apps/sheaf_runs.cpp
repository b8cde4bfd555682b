#include <algorithm>
#include <cstdio>
#include <string>

#include "apps/job_address.hpp"
#include "apps/job_words.hpp"
#include "apps/sheaf_commands.hpp"
#include "background/detached_report.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* self = "sheaf runs";
constexpr const char* function = "sheaf.run";

const error no_such_run{errc::unknown_job, "no run has this id, or it ended too long ago"};

// The server that has the run, and what it says of it.
basic_result<found_at> find_run(runtime::client& client, const runs_command& what) {
    auto found = ask_who_has_it(client, function, "status " + what.run + "\n", detail::knows_run, what.timeout);
    if (found && !detail::knows_run(found->said)) return no_such_run;
    return found;
}

int show(runtime::client& client, const runs_command& what) {
    const auto found = find_run(client, what);
    if (!found) return report(self, found.error());
    const auto run = detail::read_detached(found->said);
    if (!run) return report(self, run.error());
    const std::string text = what.json ? found->said + "\n" : words_of(*run, std::chrono::system_clock::now());
    std::fputs(text.c_str(), stdout);
    return exit_ok;
}

int cancel(runtime::client& client, const runs_command& what) {
    const auto found = find_run(client, what);
    if (!found) return report(self, found.error());
    const auto said = ask_server(client, found->server, function, "cancel " + what.run + "\n", what.timeout);
    if (!said) return report(self, said.error());
    if (said->starts_with("cancelled")) {
        std::puts("cancelled");
        return exit_ok;
    }
    if (said->starts_with("ended")) return report(self, {errc::job_failed, "the run has ended before"});
    if (said->starts_with("unknown")) return report(self, no_such_run);
    return report(self, {errc::server_error, said->substr(std::min(said->find('\n') + 1, said->size()))});
}

int list(runtime::client& client, const runs_command& what) {
    int code = exit_ok;
    const std::size_t servers = client.servers().size();
    for (std::size_t i = 0; i < servers; ++i) {
        const auto said = ask_server(client, i, function, "list", what.timeout);
        const auto found = said ? detail::read_detached_list(*said) : basic_result<detail::detached_list>(said.error());
        if (!found) {
            code = report(self, found.error());
            continue;
        }
        if (servers > 1 && !what.json) std::printf("%s:\n", to_string(client.servers()[i]).c_str());
        const std::string text = what.json ? *said + "\n" : words_of(*found, std::chrono::system_clock::now());
        std::fputs(text.c_str(), stdout);
    }
    return code;
}

}  // namespace

int run_runs(const runs_command& what) {
    const auto where = find_target(what.where);
    if (!where) return report(self, where.error());
    runtime::client client(asking(servers_to_ask(*where), what.timeout));
    switch (what.what) {
        case runs_command::verb::list: return list(client, what);
        case runs_command::verb::show: return show(client, what);
        case runs_command::verb::cancel: break;
    }
    return cancel(client, what);
}

}  // namespace sheaf::apps
