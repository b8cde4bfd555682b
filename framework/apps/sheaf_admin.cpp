#include <cstdio>
#include <string>

#include "apps/sheaf_commands.hpp"
#include "base/printable.hpp"

namespace sheaf::apps {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    return line;
}

// Which server says it matters only where there are several.
void print(const runtime::server_answer& one, bool is_one_of_several) {
    if (is_one_of_several) std::printf("%s:\n", to_string(one.server).c_str());
    std::fputs(one.answer->c_str(), stdout);
    if (!one.answer->ends_with('\n')) std::fputc('\n', stdout);
}

}  // namespace

int run_admin(const admin_command& what) {
    const std::string line = joined(what.words);
    if (line.find_first_of("\r\n") != std::string::npos || line.find('\0') != std::string::npos) {
        return report("sheaf admin", {errc::invalid_argument, "a command is one line: " + printable(line)});
    }
    const auto where = find_target(what.where);
    if (!where) return report("sheaf admin", where.error());
    const auto servers = servers_to_ask(*where);
    runtime::client_options how;
    how.servers = servers;
    how.connect_timeout = what.timeout;
    runtime::client asking(how);
    int code = exit_ok;
    for (const auto& one : asking.admin_each(line, what.timeout)) {
        if (!one.answer) {
            code = report("sheaf admin", one.answer.error());
            continue;
        }
        print(one, servers.size() > 1);
        if (one.answer->starts_with("ERR")) code = exit_failed;
    }
    return code;
}

}  // namespace sheaf::apps
