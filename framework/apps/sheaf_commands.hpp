// The commands of `sheaf`, once their arguments have been read. Each returns the exit code.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "sheaf/runtime/endpoint.hpp"

namespace sheaf::apps {

// Exit codes of all commands. A signal gives 128 + its number.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_cannot_connect = 3;
inline constexpr int exit_timeout = 4;

struct worker_command {
    std::vector<endpoint> servers;
    std::size_t processes = 1;
    std::size_t slots = 1;                   ///< handler threads per process
    std::chrono::milliseconds grace{15000};  ///< for running jobs, when it is told to stop
    std::vector<std::string> program;        ///< its name or path, and its arguments
};
/// `sheaf worker`: keeps worker processes of a program running until it is told to stop.
[[nodiscard]] int run_worker(const worker_command& what);

struct status_command {
    std::vector<endpoint> servers;
    std::chrono::milliseconds timeout{5000};
};
/// `sheaf status`: prints what the servers have to do.
[[nodiscard]] int run_status(const status_command& what);

}  // namespace sheaf::apps
