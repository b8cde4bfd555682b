// Options that several commands have.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/named_cluster.hpp"

namespace sheaf::apps {

inline constexpr const char* which_server =
    "Without --server and --name: SHEAF_SERVER, else the cluster named \"default\".";

[[nodiscard]] std::chrono::milliseconds milliseconds(double seconds);

inline constexpr double seconds_of_day = 24 * 60 * 60;
/// Seconds, `most` of them. `seconds` has the default, which the help shows.
CLI::Option* add_seconds(CLI::App& command, const std::string& option, double& seconds, const std::string& what,
                         double most = seconds_of_day);
/// --name
CLI::Option* add_name(CLI::App& command, std::string& name);
/// --server and --name, for find_target().
void add_target(CLI::App& command, target_options& where);

/// Throws CLI::ValidationError of `option`.
[[nodiscard]] std::vector<endpoint> parse_servers(const std::string& option, const std::string& text);

}  // namespace sheaf::apps
