// Which servers a command talks to: those that it is given, or those of a cluster that `sheaf up` runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "up/cluster_name.hpp"
#include "up/control_client.hpp"
#include "up/status_text.hpp"

namespace sheaf::apps {

/// " --name NAME", or nothing for the cluster that is meant without: for messages that say what to type.
[[nodiscard]] std::string name_option(const std::string& name);

/// The cluster of that name, if it is up. Clears away what one that was killed has left. Errors say what to do.
[[nodiscard]] basic_result<up::named_state> find_running(const std::string& name);

/// A connection to the process that runs the cluster of that name, which is up. An error when it is too early or too late.
[[nodiscard]] basic_result<up::control_client> control_of(const std::string& name, const up::cluster_paths& paths);

/// Where the options of a command lead.
struct target {
    std::vector<endpoint> servers;
    std::optional<up::named_state> cluster;  ///< whose they are, when it was found by its name
};

/// --server, or --name, or SHEAF_SERVER, or the cluster that is meant when none is named: the first of them that is set.
struct target_options {
    std::string servers;
    std::string name;
};
[[nodiscard]] basic_result<target> find_target(const target_options& how);

/// Those of its servers that have different things to say: a cluster's further addresses lead to the same server.
[[nodiscard]] std::vector<endpoint> servers_to_ask(const target& where);

}  // namespace sheaf::apps
