#include "up/status_text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/printable.hpp"

namespace sheaf::up {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_degraded = 1;
constexpr int exit_down = 3;

constexpr std::string_view function_heading = "FUNCTION";
constexpr std::size_t number_width = 8;

std::string counted(std::size_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::vector<function_status> shown(const server_report& report, bool internal) {
    std::vector<function_status> functions = report.functions;
    if (!internal) std::erase_if(functions, [](const function_status& one) { return one.is_internal(); });
    return functions;
}

// The cells of a terminal that printable text takes, as long as no character is a wide one.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string left(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, width_of(text)), ' ');
}

std::string right(const std::string& text, std::size_t width = number_width) {
    return "  " + std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string table_of(const std::vector<function_status>& functions) {
    if (functions.empty()) return {};
    std::size_t width = function_heading.size();
    for (const function_status& one : functions) width = std::max(width, width_of(printable(one.name)));
    std::string text = "  " + left(std::string(function_heading), width) + right("QUEUED") + right("RUNNING") +
                       right("WORKERS") + "\n";
    for (const function_status& one : functions) {
        text += "  " + left(printable(one.name), width) + right(std::to_string(one.queued)) +
                right(std::to_string(one.running)) + right(std::to_string(one.workers)) +
                (one.is_stuck() ? "  nobody offers it" : "") + "\n";
    }
    return text;
}

std::string json_of(const function_status& one) {
    return R"({"name":)" + json_string(one.name) + R"(,"queued":)" + std::to_string(one.queued) + R"(,"running":)" +
           std::to_string(one.running) + R"(,"workers":)" + std::to_string(one.workers) + "}";
}

std::string json_of(const server_report& report, bool internal) {
    std::string text = R"({"server":)" + json_string(report.server);
    if (report.problem) {
        return text + R"(,"ok":false,"error":)" + json_string(to_string(report.problem->code)) + R"(,"message":)" +
               json_string(report.problem->message) + "}";
    }
    text += R"(,"ok":true,"functions":[)";
    std::string_view comma;
    for (const function_status& one : shown(report, internal)) {
        text.append(comma).append(json_of(one));
        comma = ",";
    }
    return text + "]}";
}

std::string json_of(const std::optional<named_state>& cluster) {
    if (!cluster) return "null";
    return R"({"name":)" + json_string(cluster->name) + R"(,"pid":)" + std::to_string(cluster->state.pid) +
           R"(,"program":)" + json_string(cluster->state.program) + R"(,"workers":)" +
           std::to_string(cluster->state.workers) + "}";
}

bool is_stuck(const server_report& report) {
    return std::ranges::any_of(report.functions,
                               [](const function_status& one) { return one.is_stuck() && !one.is_internal(); });
}

}  // namespace

std::string status_table(const std::optional<named_state>& cluster, const std::vector<server_report>& reports,
                         bool internal) {
    std::string text;
    if (cluster) {
        text += "cluster " + cluster->name + ": " + counted(cluster->state.workers, "worker") + " of " +
                printable(cluster->state.program) + ", process " + std::to_string(cluster->state.pid) + "\n";
    }
    for (const server_report& report : reports) {
        text += "server " + printable(report.server) + ": ";
        if (report.problem) {
            text += "no answer\n";
        } else {
            const auto functions = shown(report, internal);
            text += counted(functions.size(), "function") + "\n" + table_of(functions);
        }
    }
    return text;
}

std::string status_problems(const std::vector<server_report>& reports) {
    std::string text;
    for (const server_report& report : reports) {
        if (!report.problem) continue;
        text += "sheaf status: " + printable(report.server) + ": " + printable(report.problem->message) + "\n";
    }
    return text;
}

std::string status_json(const std::optional<named_state>& cluster, const std::vector<server_report>& reports,
                        bool internal) {
    const bool degraded = std::ranges::any_of(reports, is_stuck);
    std::string text =
        R"({"cluster":)" + json_of(cluster) + R"(,"degraded":)" + (degraded ? "true" : "false") + R"(,"servers":[)";
    std::string_view comma;
    for (const server_report& report : reports) {
        text.append(comma).append(json_of(report, internal));
        comma = ",";
    }
    return text + "]}\n";
}

int status_exit_code(const std::vector<server_report>& reports) {
    const auto is_down = [](const server_report& report) { return report.problem.has_value(); };
    if (std::ranges::any_of(reports, is_down)) return exit_down;
    return std::ranges::any_of(reports, is_stuck) ? exit_degraded : exit_ok;
}

}  // namespace sheaf::up
