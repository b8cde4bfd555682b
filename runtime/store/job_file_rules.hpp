// What SQLite cannot know of the tables of a file of jobs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite_file.hpp"

namespace sheaf::store {

/// Throws sqlite_failure, as of a damaged file, when the open `file`, of the format `format`, lacks a table or a column, or does not say
/// whose it is.
void require_tables(sqlite_file& file, std::int64_t format);

/// The rows of which something is wrong: a sentence each, none when all is well. Those of `job` are read by every start, and keep a
/// server from it. Reads each table once. Throws sqlite_failure.
[[nodiscard]] std::vector<std::string> broken_job_rows(sqlite_file& file);
[[nodiscard]] std::vector<std::string> broken_rows(sqlite_file& file, std::int64_t format);

}  // namespace sheaf::store
