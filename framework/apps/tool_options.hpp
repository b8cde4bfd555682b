// The commands that talk raw Gearman: `sheaf submit` and `sheaf admin`, and `sheaf worker --exec`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

/// "FUNCTION=COMMAND". Throws CLI::ValidationError.
[[nodiscard]] exec_function parse_exec(const std::string& text);

/// What `sheaf submit` and `sheaf admin` are told; outlives the parsing, and running the command.
class tool_options {
  public:
    /// `choose` is given what to run when one of the commands has been parsed.
    tool_options(CLI::App& app, std::function<void(std::function<int()>)> choose);

  private:
    void describe_submit(CLI::App& app);
    void add_terms(CLI::App& submit, CLI::Option& background);
    void take_terms(const CLI::App& submit);
    void describe_admin(CLI::App& app);

    std::function<void(std::function<int()>)> choose_;
    submit_command submit_;
    admin_command admin_;
    runtime::job_terms terms_;
    double submit_timeout_s_ = 0;
    double submit_delay_s_ = 0;
    std::int64_t submit_keep_s_ = 0;
    double admin_timeout_s_ = 5;
};

}  // namespace sheaf::apps
