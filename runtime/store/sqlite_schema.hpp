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
/// what to do, when another server has them open, when they are of a newer version, and when the file is damaged or something else.
[[nodiscard]] job_file open_job_file(const std::filesystem::path& directory, bool relaxed);

/// Opens the database at `path`, or makes one that only its owner may read. Throws sqlite_failure.
[[nodiscard]] sqlite_file open_private(const std::filesystem::path& path);

/// Throws runtime_failure when the open file at `path` is none of jobs, or of a newer version.
void require_job_file(sqlite_file& file, const std::filesystem::path& path);

/// What a person should do about `why`, which happened to the jobs at `path` while they were opened.
[[noreturn]] void refuse_job_file(const std::filesystem::path& path, const sqlite_failure& why);

}  // namespace sheaf::store
