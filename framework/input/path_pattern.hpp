// Patterns of paths, as shells have them: `*`, `?` and `[a-z]` within a name, `**` for any number of directories.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace sheaf::detail {

/// Whether a shell would take it for one.
[[nodiscard]] bool is_pattern(std::string_view path) noexcept;

/// Whether a name, which has no slash in it, fits a pattern of names: `*` any bytes, `?` a byte, `[abc]`, `[a-z]` and `[!a-z]` one that
/// is, or is not, among these; a backslash takes what follows as it is. `*`, `?` and `[` fit no dot that a name begins with.
[[nodiscard]] bool fits(std::string_view name, std::string_view pattern) noexcept;

/// Adds the paths of all files and directories that fit an absolute pattern, sorted. `**` as a whole name fits any number of
/// directories, none too, that are no links and do not begin with a dot. Returns 0, or what the system said of a directory that
/// cannot be read.
[[nodiscard]] int find_fitting(const std::filesystem::path& pattern, std::vector<std::filesystem::path>& into);

}  // namespace sheaf::detail
