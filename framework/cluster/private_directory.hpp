// Directories that only this user may enter, in places where others may write.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/unique_fd.hpp"

namespace sheaf::detail {

/// Opens the directory at `path`, which is made when it is not there. Others may have made it first, so it counts only when it
/// belongs to this user alone; a link to one does not. Throws runtime_failure, whose text ends with `advice`.
unique_fd open_private_directory(const std::filesystem::path& path, std::string_view advice);

}  // namespace sheaf::detail
