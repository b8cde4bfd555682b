#include "apps/job_address.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "background/background_id.hpp"
#include "background/job_report.hpp"
#include "background/server_search.hpp"

namespace sheaf::apps {
namespace {

runtime::job_request question_to(std::size_t server, std::string_view function, const std::string& words,
                                 std::chrono::milliseconds timeout) {
    runtime::job_request asked;
    asked.function = function;
    asked.payload = shared_bytes(words);
    asked.deadline = std::chrono::steady_clock::now() + timeout;
    asked.of_server = true;
    asked.server = server;
    return asked;
}

basic_result<std::string> answer_to(runtime::client& client, runtime::job_request asked) {
    const std::string function = asked.function;
    auto said = client.run(std::move(asked));
    using kind = runtime::job_end::kind;
    if (said.how == kind::complete) return std::string(said.data.view());
    if (said.how == kind::not_run) return std::move(said.why);
    return error{errc::server_error, "the server could not answer " + function};
}

}  // namespace

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
    auto asked = question_to(server, function, words, timeout);
    asked.only_if_there = client.servers().size() > 1;
    return answer_to(client, std::move(asked));
}

basic_result<std::string> ask_server_if_there(runtime::client& client, std::string_view function,
                                              const std::string& words, std::chrono::milliseconds timeout) {
    auto asked = question_to(0, function, words, timeout);
    asked.only_if_there = true;
    return answer_to(client, std::move(asked));
}

basic_result<found_at> ask_who_has_it(runtime::client& client, std::string_view function, const std::string& words,
                                      bool (*has_it)(std::string_view), std::chrono::milliseconds timeout) {
    detail::server_question asked{.function = std::string(function), .payload = words, .has_it = has_it};
    if (timeout.count() != 0) asked.deadline = std::chrono::steady_clock::now() + timeout;
    const auto all = detail::search_servers(client, asked);
    if (!all->owner() && !all->denied_by_all()) return all->silence();
    std::size_t server = all->owner().value_or(0);
    while (!all->answer_of(server) && server + 1 < client.servers().size()) ++server;
    auto said = all->answer_of(server);
    if (!said) return all->answer_of(0).error();
    return found_at{server, *std::move(said)};
}

basic_result<found_at> ask_about_job(runtime::client& client, const std::string& words,
                                     std::chrono::milliseconds timeout) {
    return ask_who_has_it(client, "sheaf.job", words, detail::knows_job, timeout);
}

}  // namespace sheaf::apps
