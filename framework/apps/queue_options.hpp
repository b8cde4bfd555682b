// The commands for what a job server keeps on its disk: `sheaf queue ...`.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

/// What `sheaf queue` is told; outlives the parsing, and running the command.
class queue_options {
  public:
    /// `choose` is given what to run when one of the commands has been parsed.
    queue_options(CLI::App& app, std::function<void(std::function<int()>)> choose);

  private:
    void describe_import(CLI::App& queue);
    void describe_backup(CLI::App& queue);
    void describe_check(CLI::App& queue);

    std::function<void(std::function<int()>)> choose_;
    queue_import_command import_;
    double import_timeout_s_ = 10;
    queue_backup_command backup_;
    double backup_timeout_s_ = 3600;
    std::string checked_;
};

}  // namespace sheaf::apps
