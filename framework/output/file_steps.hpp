// The steps with files that make an output appear: syncing, renaming, replacing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sheaf/failure.hpp>

namespace sheaf::detail {

/// "cannot WHAT PATH: reason".
[[nodiscard]] error cannot(const std::string& what, const std::filesystem::path& path, int reason);

/// Returns when the file or directory is on the disk.
[[nodiscard]] basic_result<void, error> sync_to_disk(const std::filesystem::path& path);

/// Returns when all `files` of the directory, and the directory itself, are on the disk. Many files are waited for together.
[[nodiscard]] basic_result<void, error> sync_files(const std::filesystem::path& directory,
                                                   const std::vector<std::string>& files);

/// Gives `from` the name `to`, which must be new. The errno, or 0.
[[nodiscard]] int rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// Gives the directory `from` the name of the directory `to`, and the other way round, in one step where the file system can
/// do that. The errno, or 0.
[[nodiscard]] int exchange_directories(const std::filesystem::path& from, const std::filesystem::path& to);

/// Whether the directory holds part files, as runs leave them, and nothing else.
[[nodiscard]] bool is_run_output(const std::filesystem::path& directory);

/// "part-00007".
[[nodiscard]] std::string part_name(std::uint32_t index);

}  // namespace sheaf::detail
