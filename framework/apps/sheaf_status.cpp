#include <cstdio>
#include <string>

#include "apps/sheaf_commands.hpp"
#include "up/status_text.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {

int run_status(const status_command& what) {
    const auto where = find_target(what.where);
    if (!where) return report("sheaf status", where.error());
    runtime::client_options how;
    how.servers = servers_to_ask(*where);
    how.connect_timeout = what.timeout;
    runtime::client asking(how);
    const auto reports = detail::ask_status(asking, what.timeout);
    const std::string text = what.json ? up::status_json(where->cluster, reports, what.internal)
                                       : up::status_table(where->cluster, reports, what.internal);
    std::fputs(text.c_str(), stdout);
    if (!what.json) std::fputs(up::status_problems(reports).c_str(), stderr);
    return up::status_exit_code(reports);
}

}  // namespace sheaf::apps
