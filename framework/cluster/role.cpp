#include "cluster/role.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>
#include <unistd.h>

#include "base/parse_number.hpp"

namespace sheaf::detail {
namespace {

constexpr const char* role_variable = "SHEAF_ROLE";
constexpr const char* server_variable = "SHEAF_SERVER";
constexpr const char* workers_variable = "SHEAF_WORKERS";
constexpr const char* supervision_variable = "SHEAF_SUPERVISED_BY";  // "pid:first slot:slots"; private, may change

/// The value of SHEAF_SERVER for a cluster of threads.
constexpr std::string_view in_process_server = "inproc:";

constexpr std::size_t workers_max = 1024;

error invalid(std::string message) { return {errc::invalid_argument, std::move(message)}; }

std::optional<supervision> parse_supervision(std::string_view text) {
    std::array<std::string_view, 3> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto end = i + 1 < fields.size() ? text.find(':') : text.size();
        if (end == std::string_view::npos) return std::nullopt;
        fields[i] = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto pid = parse_number<pid_t>(fields[0]);
    const auto first_slot = parse_number<std::size_t>(fields[1]);
    const auto slots = parse_number<std::size_t>(fields[2]);
    if (!pid || !first_slot || !slots || *slots == 0 || *slots > workers_max) return std::nullopt;
    return supervision{.first_slot = *first_slot, .slots = *slots, .supervisor = *pid};
}

basic_result<role> read_worker(role result, const environment_lookup& environment) {
    result.worker = true;
    if (result.in_process) {
        return invalid(
            "SHEAF_ROLE=worker needs the address of a server: SHEAF_SERVER=inproc: has all its workers in the driver's "
            "process");
    }
    if (result.servers.empty()) {
        return invalid(
            "SHEAF_ROLE=worker needs SHEAF_SERVER: the address of one or more Gearman servers, such as "
            "SHEAF_SERVER=localhost:4730");
    }
    if (const auto text = environment(supervision_variable)) {
        result.under = parse_supervision(*text);
        if (!result.under)
            return invalid("SHEAF_SUPERVISED_BY='" + *text + "' is not what a supervisor sets; unset it");
    }
    return result;
}

bool sets(std::string_view entry, std::string_view name) {
    return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

}  // namespace

basic_result<role> read_role(const environment_lookup& environment, std::size_t cores) {
    role result;
    result.local_workers = std::max<std::size_t>(1, cores);
    if (const auto text = environment(server_variable); text == in_process_server) {
        result.in_process = true;
    } else if (text && !text->empty()) {
        auto servers = parse_endpoints(*text);
        if (!servers) return invalid("SHEAF_SERVER='" + *text + "': " + servers.error().message);
        result.servers = std::move(*servers);
    }
    if (const auto text = environment(workers_variable); text && !text->empty()) {
        const auto number = parse_number<std::size_t>(*text);
        if (!number || *number == 0 || *number > workers_max) {
            return invalid("SHEAF_WORKERS='" + *text + "': it has to be a number from 1 to " +
                           std::to_string(workers_max));
        }
        result.local_workers = *number;
    }
    const auto text = environment(role_variable);
    if (!text || text->empty()) return result;
    if (*text != "worker") return invalid("SHEAF_ROLE='" + *text + "': the only role to be set is 'worker'");
    return read_worker(std::move(result), environment);
}

std::optional<std::string> process_environment(std::string_view name) {
    const char* const value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

basic_result<role> take_role() {
    auto result = read_role(process_environment, std::thread::hardware_concurrency());
    ::unsetenv(role_variable);
    ::unsetenv(supervision_variable);
    // A driver that a handler starts would wait for workers of a server that has none of its own.
    if (result && result->worker) ::unsetenv(server_variable);
    return result;
}

std::vector<std::string> worker_variables(const std::string& servers, const supervision& under) {
    return {std::string(role_variable) + "=worker", std::string(server_variable) + "=" + servers,
            std::string(supervision_variable) + "=" + std::to_string(under.supervisor) + ":" +
                std::to_string(under.first_slot) + ":" + std::to_string(under.slots)};
}

std::vector<std::string> environment_for_workers() {
    std::vector<std::string> result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (sets(text, role_variable) || sets(text, server_variable) || sets(text, supervision_variable)) continue;
        result.emplace_back(text);
    }
    return result;
}

}  // namespace sheaf::detail
