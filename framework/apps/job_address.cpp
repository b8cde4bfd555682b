#include "apps/job_address.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "background/background_id.hpp"
#include "background/job_report.hpp"

namespace sheaf::apps {

basic_result<job_target> find_job(const target_options& where, const job_address& which) {
    job_target found;
    found.words = which.unique.empty() ? which.job : "unique " + which.unique;
    const auto id = detail::parse_background_id(which.job);
    if (id) {
        found.words = id->handle;
        const auto server = parse_endpoint(id->server);
        if (server && where.servers.empty() && where.name.empty()) {
            found.servers = {*server};
            return found;
        }
    }
    const auto target = find_target(where);
    if (!target) return target.error();
    found.servers = servers_to_ask(*target);
    return found;
}

runtime::client_options asking(std::vector<endpoint> servers, std::chrono::milliseconds timeout) {
    runtime::client_options how;
    how.servers = std::move(servers);
    if (timeout.count() == 0) return how;
    how.unreachable_timeout = std::min(how.unreachable_timeout, timeout * 3 / 4);
    how.connect_timeout = std::min(how.connect_timeout, how.unreachable_timeout);
    return how;
}

basic_result<std::string> ask_server(runtime::client& client, std::size_t server, std::string_view function,
                                     const std::string& words, std::chrono::milliseconds timeout) {
    auto said = client.run({.function = std::string(function),
                            .payload = shared_bytes(words),
                            .deadline = std::chrono::steady_clock::now() + timeout,
                            .of_server = true,
                            .server = server});
    using kind = runtime::job_end::kind;
    if (said.how == kind::complete) return std::string(said.data.view());
    if (said.how == kind::not_run) return std::move(said.why);
    return error{errc::server_error, "the server could not answer " + std::string(function)};
}

basic_result<job_report> ask_about_job(runtime::client& client, const std::string& words,
                                       std::chrono::milliseconds timeout) {
    std::optional<job_report> unknown;
    std::optional<error> fault;
    for (std::size_t i = 0; i < client.servers().size(); ++i) {
        auto json = ask_server(client, i, "sheaf.job", words, timeout);
        if (!json) {
            if (!fault) fault = std::move(json).error();
            continue;
        }
        const auto status = detail::read_status(*json);
        const bool is_known = status && status->state != background_state::unknown;
        if (is_known) return job_report{i, *std::move(json)};
        if (!unknown) unknown = job_report{i, *std::move(json)};
    }
    if (unknown && !fault) return *std::move(unknown);
    return *std::move(fault);  // the one that has it may be the one that is away
}

}  // namespace sheaf::apps
