// What job servers have to do: jobs that wait and run, and the workers that offer them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheaf/runtime/error.hpp>

namespace sheaf {

namespace runtime {
class client;
}

/// One function (a task's name, or that of a plain Gearman function) at one server. The counts are of one moment.
struct function_status {
    std::string name;           ///< any bytes; escape them for a terminal
    std::uint64_t queued = 0;   ///< jobs that no worker has taken yet
    std::uint64_t running = 0;  ///< jobs that a worker runs
    std::uint64_t workers = 0;  ///< connected workers that offer it, busy ones too

    /// Jobs wait, and nobody is there who could take them.
    [[nodiscard]] bool is_stuck() const noexcept { return queued > 0 && workers == 0; }
    /// Whether it belongs to Sheaf itself: names that begin with "sheaf." are reserved.
    [[nodiscard]] bool is_internal() const noexcept { return name.starts_with("sheaf."); }

    friend bool operator==(const function_status&, const function_status&) = default;
};

/// What one server says of itself.
struct server_report {
    std::string server;                      ///< its address, as SHEAF_SERVER has it
    std::vector<function_status> functions;  ///< by name; empty when there is a problem
    std::optional<error> problem;            ///< why it has said nothing: connection_failed, timeout, ...

    /// The named function; one of zeroes when the server does not know it.
    [[nodiscard]] function_status function(std::string_view name) const;
};

/// Asks each of `servers` ("host:port" or "unix:/path", separated by commas), all at once, and waits `deadline` at most.
/// One report for each, in their order: a server that does not answer is a report with a problem, never an exception.
/// Throws runtime_failure when the list makes no sense.
///
///     for (const sheaf::server_report& one : sheaf::server_status("jobs1,jobs2:4731", 2s)) {
///         if (one.problem) std::cerr << one.server << ": " << one.problem->message << '\n';
///         for (const auto& f : one.functions) std::cout << one.server << ' ' << f.name << ' ' << f.queued << '\n';
///     }
///
/// For a program that makes calls, cluster::server_status() asks over the connections that it has.
[[nodiscard]] std::vector<server_report> server_status(std::string_view servers,
                                                       std::chrono::milliseconds deadline = std::chrono::seconds(5));

namespace detail {

/// Reads the answer to the admin command "status". Lines that are none are left out.
[[nodiscard]] std::vector<function_status> parse_status(std::string_view answer);

/// Asks all servers of `through`.
[[nodiscard]] std::vector<server_report> ask_status(runtime::client& through, std::chrono::milliseconds deadline);

}  // namespace detail
}  // namespace sheaf
