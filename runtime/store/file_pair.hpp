// A file of jobs and its log, which belong together: what can be known of them before either is opened to be used.
#pragma once

#include <cstdint>
#include <filesystem>

namespace sheaf::store {

/// Who made a file, and its format.
inline constexpr std::int64_t job_file_application = 0x53686166;  // "Shaf"
inline constexpr std::int64_t job_file_format = 4;

/// Added to the format while a server has the file open, so that a file without the log that it had can be told from one that has
/// none. A server of a time before that leaves files with the mark alone, as of a newer format.
inline constexpr std::int64_t open_mark = 0x10000;

/// Without the mark.
[[nodiscard]] constexpr std::int64_t format_of(std::int64_t version) noexcept { return version & ~open_mark; }
[[nodiscard]] constexpr bool is_marked_open(std::int64_t version) noexcept { return (version & open_mark) != 0; }

/// Throws runtime_failure, with what to do, when the file or the log at `path` is there without the other one, and when the file is
/// one that could not even be looked at without a change and should not be. Changes nothing. Returns whether the file itself, whatever its
/// log says, is marked open.
bool require_pair(const std::filesystem::path& path);

}  // namespace sheaf::store
