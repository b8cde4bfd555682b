// Where the payloads of `sheaf submit` come from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

/// One payload after the other: those of the command line, then those of files, else those of standard input.
class job_feed {
  public:
    /// `what` must outlive it.
    explicit job_feed(const submit_command& what) : what_(what) {}

    /// The next one, if there is one. An error when a file cannot be read.
    [[nodiscard]] basic_result<std::optional<std::string>> next();

  private:
    std::optional<std::string> next_of_input();

    const submit_command& what_;
    std::size_t given_ = 0;  ///< of payloads and files
    bool input_ended_ = false;
};

}  // namespace sheaf::apps
