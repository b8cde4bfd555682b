// Why a file of jobs is not opened, and what a person should do about it.
#pragma once

#include <filesystem>
#include <string>

#include "store/sqlite_file.hpp"

namespace sheaf::store {

/// Throws runtime_failure: the jobs at `path` are not opened. `why` says what to do, too.
[[noreturn]] void refuse_job_file(const std::filesystem::path& path, const std::string& why);

/// The same of `why`, which happened to them while they were opened.
[[noreturn]] void refuse_job_file(const std::filesystem::path& path, const sqlite_failure& why);

/// Their log is damaged in its midst: `words` say how.
[[noreturn]] void refuse_damaged_log(const std::filesystem::path& path, const std::string& words);

/// There are none at `path`, nor may any be made.
[[noreturn]] void refuse_data_directory(const std::filesystem::path& path, const std::string& why);

/// What to do about jobs that are damaged, and about a log that is.
[[nodiscard]] std::string way_out_of_damaged_log();
[[nodiscard]] std::string way_out_of_damage(const std::filesystem::path& path);

}  // namespace sheaf::store
