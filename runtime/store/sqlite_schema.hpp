// The file of jobs: how it is opened, what is in it, and when it is refused.
#pragma once

#include <cstdint>
#include <filesystem>

#include "store/sqlite_file.hpp"
#include "store/store.hpp"

namespace sheaf::store {

/// The name of the file in a server's data directory.
inline constexpr const char* job_file_name = "jobs.sqlite";

/// An open file of jobs, which nobody else can open until this one is closed.
struct job_file {
    sqlite_file file;
    identity who;
};

/// Opens the jobs in `directory`, which is made if need be. `relaxed`: commits need not reach the disk. Throws runtime_failure, with
/// what to do, when another server has them open, when they are of a newer version, and when the file is damaged, something else, or
/// without its log. What is refused, and its log, is left as it is, to the byte. When the file is closed its log stays, unless
/// close_job_file() was called.
[[nodiscard]] job_file open_job_file(const std::filesystem::path& directory, bool relaxed);

/// Opens the database at `path`, or makes one that only its owner may read. Throws sqlite_failure.
[[nodiscard]] sqlite_file open_private(const std::filesystem::path& path);

/// Brings all that is in the log into the file, which says from then on that it needs none: the log goes when the file is closed.
/// Throws sqlite_failure, after which the log stays.
void close_job_file(sqlite_file& file);

/// What an open file says of itself is not true of a copy, which has no log.
void mark_closed(sqlite_file& file);

/// Throws runtime_failure when the open file at `path` is none of jobs, or of a newer version.
void require_job_file(sqlite_file& file, const std::filesystem::path& path);

}  // namespace sheaf::store
