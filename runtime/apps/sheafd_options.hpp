// The command line of sheafd. It takes gearmand's words where it has the same thing to say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sheaf/runtime/server.hpp"

namespace sheaf::apps {

/// How much sheafd tells, in gearmand's steps.
enum class verbosity : std::uint8_t { fatal, alert, critical, error, warning, notice, info, debug };

/// Where sheafd tells it.
enum class log_target : std::uint8_t { standard_error, file, syslog, nowhere };

struct sheafd_options {
    runtime::server_options server;
    verbosity verbose = verbosity::info;
    log_target log = log_target::standard_error;
    std::string log_file;                          ///< of log_target::file
    std::string pid_file;                          ///< empty: none
    std::string user;                              ///< whom to become when the addresses are listened on; empty: nobody
    bool daemon = false;                           ///< go on in the background once connections are accepted
    bool core_dumps = false;                       ///< leave a core when it crashes
    std::optional<std::uint64_t> descriptors_max;  ///< empty: as many as the system allows
    std::vector<std::string> warnings;             ///< of what may not be as somebody believes
    std::vector<std::string> notices;              ///< of options that were taken and have no effect here
};

/// Reads the arguments. Empty when there is nothing to run: `exit_code` is then the program's, and what there was to say
/// (help, version or what is wrong) has been printed. Throws runtime_failure when a configuration file cannot be read.
[[nodiscard]] std::optional<sheafd_options> parse_sheafd_options(int argc, char** argv, int& exit_code);

}  // namespace sheaf::apps
