#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include "apps/sheaf_commands.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {
namespace {

struct function_row {
    std::string name;
    std::uint64_t total = 0;
    std::uint64_t running = 0;
    std::uint64_t workers = 0;
};

// "FUNCTION<tab>TOTAL<tab>RUNNING<tab>WORKERS"
std::optional<function_row> parse_row(std::string_view line) {
    function_row row;
    const std::array<std::uint64_t*, 3> numbers{&row.workers, &row.running, &row.total};  // read from the end
    for (std::uint64_t* const number : numbers) {
        const auto tab = line.rfind('\t');
        if (tab == std::string_view::npos) return std::nullopt;
        const std::string_view text = line.substr(tab + 1);
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), *number);
        if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        line.remove_suffix(text.size() + 1);
    }
    row.name = line;
    return row;
}

std::vector<function_row> parse_rows(std::string_view answer) {
    std::vector<function_row> rows;
    while (!answer.empty()) {
        const auto end = std::min(answer.find('\n'), answer.size());
        if (auto row = parse_row(answer.substr(0, end))) rows.push_back(std::move(*row));
        answer.remove_prefix(std::min(end + 1, answer.size()));
    }
    std::ranges::sort(rows, {}, &function_row::name);
    return rows;
}

void print(const endpoint& server, const std::vector<function_row>& rows) {
    std::printf("server %s: %zu %s\n", to_string(server).c_str(), rows.size(),
                rows.size() == 1 ? "function" : "functions");
    if (rows.empty()) return;
    std::size_t width = std::string_view("FUNCTION").size();
    for (const function_row& row : rows) width = std::max(width, row.name.size());
    std::printf("  %-*s  %8s  %8s  %8s\n", static_cast<int>(width), "FUNCTION", "QUEUED", "RUNNING", "WORKERS");
    for (const function_row& row : rows) {
        const auto queued = row.total - std::min(row.total, row.running);
        std::printf("  %-*s  %8ju  %8ju  %8ju%s\n", static_cast<int>(width), row.name.c_str(), std::uintmax_t{queued},
                    std::uintmax_t{row.running}, std::uintmax_t{row.workers},
                    queued > 0 && row.workers == 0 ? "  nobody offers it" : "");
    }
}

int report_error(const endpoint& server, const error& why) {
    std::fprintf(stderr, "sheaf: %s: %s\n", to_string(server).c_str(), why.message.c_str());
    if (why.code == errc::timeout) return exit_timeout;
    const bool unreachable = why.code == errc::connection_failed || why.code == errc::connection_lost;
    return unreachable ? exit_cannot_connect : exit_failed;
}

}  // namespace

int run_status(const status_command& what) {
    int worst = exit_ok;
    for (const endpoint& server : what.servers) {
        runtime::client client(
            {.servers = {server}, .connect_timeout = what.timeout / 2, .unreachable_timeout = what.timeout / 2});
        const auto answer = client.admin("status", what.timeout);
        if (answer) {
            print(server, parse_rows(*answer));
        } else {
            worst = std::max(worst, report_error(server, answer.error()));
        }
    }
    return worst;
}

}  // namespace sheaf::apps
