// The commands about background jobs: `sheaf job`, `sheaf result`, `sheaf dead ...`.
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

/// What they are told; outlives the parsing, and running the command.
class job_options {
  public:
    /// `choose` is given what to run when one of the commands has been parsed.
    job_options(CLI::App& app, std::function<void(std::function<int()>)> choose);

  private:
    void describe_job(CLI::App& app);
    void describe_result(CLI::App& app);
    void describe_dead(CLI::App& app);
    CLI::App* describe_verb(CLI::App& dead, const std::string& name, dead_command::verb what, const std::string& text);
    void describe_all(CLI::App& verb);

    std::function<void(std::function<int()>)> choose_;
    job_command job_;
    result_command result_;
    dead_command dead_;
    double job_timeout_s_ = 5;
    double result_timeout_s_ = 0;
    double dead_timeout_s_ = 5;
    bool all_ = false;
};

}  // namespace sheaf::apps
