// Reading the answers to the admin command "status".
#include <algorithm>
#include <array>
#include <utility>

#include "base/parse_number.hpp"
#include <sheaf/runtime/client.hpp>
#include <sheaf/runtime/endpoint.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf {
namespace detail {
namespace {

// "FUNCTION<tab>TOTAL<tab>RUNNING<tab>WORKERS". Total counts the running ones, too. A name may hold a tab.
std::optional<function_status> parse_line(std::string_view line) {
    function_status found;
    std::uint64_t total = 0;
    const std::array<std::uint64_t*, 3> numbers{&found.workers, &found.running, &total};  // from the end
    for (std::uint64_t* const number : numbers) {
        const auto tab = line.rfind('\t');
        if (tab == std::string_view::npos) return std::nullopt;
        const auto read = parse_number<std::uint64_t>(line.substr(tab + 1));
        if (!read) return std::nullopt;
        *number = *read;
        line = line.substr(0, tab);
    }
    found.name = line;
    found.queued = total - std::min(total, found.running);
    return found;
}

}  // namespace

std::vector<function_status> parse_status(std::string_view answer) {
    std::vector<function_status> all;
    while (!answer.empty()) {
        std::string_view line = answer.substr(0, answer.find('\n'));
        answer.remove_prefix(std::min(line.size() + 1, answer.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (auto found = parse_line(line)) all.push_back(*std::move(found));
    }
    std::ranges::sort(all, {}, &function_status::name);
    return all;
}

std::vector<server_report> ask_status(runtime::client& through, std::chrono::milliseconds deadline) {
    std::vector<server_report> reports;
    for (const runtime::server_answer& said : through.admin_each("status", deadline)) {
        server_report& report = reports.emplace_back();
        report.server = to_string(said.server);
        if (said.answer) {
            report.functions = parse_status(*said.answer);
        } else {
            report.problem = said.answer.error();
        }
    }
    return reports;
}

}  // namespace detail

function_status server_report::function(std::string_view name) const {
    const auto found = std::ranges::find(functions, name, &function_status::name);
    if (found != functions.end()) return *found;
    function_status none;
    none.name = name;
    return none;
}

std::vector<server_report> server_status(std::string_view servers, std::chrono::milliseconds deadline) {
    auto endpoints = parse_endpoints(servers);
    if (!endpoints) throw runtime_failure(endpoints.error());
    runtime::client_options how;
    how.servers = *std::move(endpoints);
    how.connect_timeout = deadline;
    runtime::client through(std::move(how));
    return detail::ask_status(through, deadline);
}

}  // namespace sheaf
