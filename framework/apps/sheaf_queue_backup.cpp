#include <cstdio>

#include <boost/json.hpp>

#include "apps/sheaf_commands.hpp"
#include "base/printable.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* self = "sheaf queue backup";

int tell(const runtime::job_end& end) {
    using kind = runtime::job_end::kind;
    if (end.how == kind::not_run) return report(self, end.why);
    boost::system::error_code fault;
    const auto said = boost::json::parse(end.data.view(), fault);
    const auto* const copy = fault ? nullptr : said.if_object();
    const auto* const path = copy == nullptr ? nullptr : copy->if_contains("path");
    const auto* const bytes = copy == nullptr ? nullptr : copy->if_contains("bytes");
    if (end.how != kind::complete || path == nullptr || !path->is_string() || bytes == nullptr) {
        return report(self, {errc::malformed, "the server says something else than where the copy is"});
    }
    std::printf("%s\t%s bytes\n", printable(std::string(path->as_string())).c_str(),
                boost::json::serialize(*bytes).c_str());
    return exit_ok;
}

}  // namespace

int run_queue_backup(const queue_backup_command& what) {
    const auto where = find_target(what.where);
    if (!where) return report(self, where.error());
    const auto servers = servers_to_ask(*where);
    if (servers.size() != 1) {
        return report(self, {errc::invalid_argument, "one server is copied at a time; name it with --server"});
    }
    runtime::client client(asking(servers, what.timeout));
    return tell(client.run({.function = "sheaf.queue",
                            .payload = shared_bytes("backup " + what.name),
                            .deadline = std::chrono::steady_clock::now() + what.timeout,
                            .of_server = true}));
}

}  // namespace sheaf::apps
