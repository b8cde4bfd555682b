// The jobs that stock gearmand keeps in a SQLite file, by its option --queue-type libsqlite3.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sheaf/runtime/client.hpp"
#include "store/sqlite_file.hpp"

namespace sheaf::apps {

/// A row of gearmand's table.
struct gearmand_job {
    std::int64_t row = 0;  ///< its place in the table, which is the order in which gearmand was given the jobs
    std::string function;
    std::string unique;
    runtime::job_priority priority = runtime::job_priority::normal;
    std::int64_t run_at_s = 0;  ///< by Unix time; 0: at once
    std::string payload;
    std::string fault;  ///< why no server would take it; empty when it makes sense
};

[[nodiscard]] std::chrono::system_clock::time_point run_at(const gearmand_job& job);
[[nodiscard]] bool is_for_later(const gearmand_job& job);

/// Reads them one after the other, and changes nothing.
class gearmand_queue {
  public:
    /// Throws runtime_failure, with what to do, when `path` has no `table` of gearmand's.
    gearmand_queue(const std::string& path, const std::string& table);

    /// The next one, while there is one. Throws runtime_failure when the file is damaged.
    [[nodiscard]] std::optional<gearmand_job> next();

  private:
    std::string path_;
    store::sqlite_file file_;
    store::sqlite_statement rows_;
};

}  // namespace sheaf::apps
