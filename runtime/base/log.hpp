// One place that decides how log lines look: spdlog to standard error, plain text.
#pragma once

#include <string>

#include <spdlog/spdlog.h>

namespace sheaf::log {

/// Sends the process's log lines to standard error under `name` ("sheafd", "worker 2"). Call once, early in main.
void start(const std::string& name, spdlog::level::level_enum level = spdlog::level::info);

}  // namespace sheaf::log
