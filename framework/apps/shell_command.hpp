// Running a command of the shell for a job: the payload is its input, its output the result.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/child_process.hpp"

namespace sheaf::apps {

struct shell_command {
    std::string text;                      ///< for /bin/sh -c
    std::vector<std::string> environment;  ///< "NAME=value", in addition to ours
    std::string_view input;
    /// Ends the command: SIGTERM for its process group, and after a second SIGKILL.
    std::stop_token stop;
    /// What it writes to its standard output, as it comes. False: it has written too much, and is ended.
    std::function<bool(std::string_view)> on_output;
};

/// Returns when it has ended; it need not read its input. What it has put into the background goes on. SIGPIPE must be
/// ignored. Throws std::system_error when it cannot be started.
[[nodiscard]] detail::exit_report run_shell(const shell_command& what);

}  // namespace sheaf::apps
