// What attempts leave behind whose workers were killed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sheaf::detail {

/// Removes from `directory` all files whose names begin with one of `names`, which are those of dead attempts, and those in the making
/// (see pending_file) that no process holds any more. What cannot be removed stays.
void remove_dead_files(const std::filesystem::path& directory, const std::vector<std::string>& names);

}  // namespace sheaf::detail
