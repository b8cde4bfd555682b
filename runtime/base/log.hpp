// One place that decides how log lines look and where they go: spdlog, plain text, on standard error to begin with.
#pragma once

#include <string>

#include <spdlog/spdlog.h>

namespace sheaf::log {

/// Sends the process's log lines to standard error under `name` ("sheafd", "worker 2"). Call once, early in main.
void start(const std::string& name, spdlog::level::level_enum level = spdlog::level::info);

// Where log lines go from now on. Call them before other threads log.

/// To the end of a file, which is made if there is none. Throws runtime_failure when it cannot be written.
void to_file(const std::string& path);
/// To the system's log, as a daemon.
void to_syslog();
/// Nowhere.
void to_nowhere();

/// Opens the file of to_file() again, under its name: whoever rotates logs has moved the old one away. Does nothing with other
/// targets. From any thread.
void reopen();

}  // namespace sheaf::log
