// The commands about runs that servers carry on: `sheaf runs ...`.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

/// What they are told; outlives the parsing, and running the command.
class run_options {
  public:
    /// `choose` is given what to run when one of the commands has been parsed.
    run_options(CLI::App& app, std::function<void(std::function<int()>)> choose);

  private:
    CLI::App* describe_verb(CLI::App& runs, const std::string& name, runs_command::verb what, const std::string& text);

    std::function<void(std::function<int()>)> choose_;
    runs_command runs_;
    double timeout_s_ = 5;
};

}  // namespace sheaf::apps
