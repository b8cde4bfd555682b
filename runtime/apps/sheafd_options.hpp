// The command line of sheafd. It takes gearmand's words where it has the same thing to say.
#pragma once

#include <optional>
#include <string>

#include "sheaf/runtime/server.hpp"

namespace sheaf::apps {

/// How much sheafd tells on standard error.
enum class verbosity : std::uint8_t { quiet, normal, chatty };

struct sheafd_options {
    runtime::server_options server;
    verbosity verbose = verbosity::normal;
    std::string pid_file;  ///< empty: none
};

/// Reads the arguments. Empty when there is nothing to run: `exit_code` is then the program's, and what there was to say
/// (help, version or what is wrong) has been printed.
[[nodiscard]] std::optional<sheafd_options> parse_sheafd_options(int argc, char** argv, int& exit_code);

}  // namespace sheaf::apps
