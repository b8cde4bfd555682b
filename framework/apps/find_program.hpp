// Finding a program that a person has named.
#pragma once

#include <optional>
#include <string>

namespace sheaf::apps {

/// As a shell does: a name without a slash is looked up in PATH. Nothing when there is no such program that we may run.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

/// What to say then.
[[nodiscard]] std::string no_program(const std::string& name);

}  // namespace sheaf::apps
