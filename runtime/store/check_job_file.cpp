#include "store/check_job_file.hpp"

#include <span>
#include <sqlite3.h>

#include "store/file_pair.hpp"
#include "store/job_file_refusals.hpp"
#include "store/log_check.hpp"
#include "store/sqlite_schema.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

struct rule {
    const char* table;
    const char* broken_by;  ///< rows of which this is true
    const char* sentence;
};
// What SQLite cannot know of the rows.
constexpr rule rules[] = {
    {"job", "id <= 0", "jobs without a number"},
    {"job", "length(function) = 0", "jobs without a function"},
    {"job", "length(function) > 512 OR length(reducer) > 512 OR length(unique_key) > 64",
     "jobs with longer names and keys than there are"},
    {"job", "priority NOT BETWEEN 0 AND 2", "jobs of a priority that there is not"},
    {"result", "id <= 0 OR length(function) = 0", "results of no job"},
    {"letter", "id <= 0 OR length(function) = 0", "dead letters of no job"},
    {"letter", "priority NOT BETWEEN 0 AND 2", "dead letters of a priority that there is not"},
};
// The same, of what came with format 3.
constexpr rule rules_of_runs[] = {
    {"run", "id <= 0 OR length(name) = 0", "runs without a name"},
    {"frame", "run NOT IN (SELECT id FROM run)", "frames of no run"},
    {"part", "frame NOT IN (SELECT id FROM frame)", "parts of no frame"},
};

void check_rows(sqlite_file& file, std::span<const rule> those, std::vector<std::string>& faults) {
    for (const rule& one : those) {
        const std::string sql = std::string("SELECT count(*) FROM ") + one.table + " WHERE " + one.broken_by;
        if (const std::int64_t count = file.number(sql.c_str()); count != 0) {
            faults.push_back(std::to_string(count) + " " + one.sentence);
        }
    }
}

std::uint64_t count_of(sqlite_file& file, const char* sql) { return static_cast<std::uint64_t>(file.number(sql)); }

}  // namespace

job_file_account check_job_file(const fs::path& path) {
    require_pair(path);
    std::error_code why;
    if (!fs::is_regular_file(path, why)) {
        throw runtime_failure({errc::io_error, "there is no queue at " + path.string()});
    }
    job_file_account account;
    try {
        sqlite_file file = sqlite_file::untouched(path.string());
        file.run("BEGIN");
        require_job_file(file, path);
        const log_account log = check_log_of(path);
        account.log_bytes_after = log.bytes_after;
        if (log.is_damaged) account.losses.push_back(words_of_damage(path, log));
        account.format = format_of(file.number("PRAGMA user_version"));
        account.faults = file.faults("PRAGMA integrity_check(100)");
        if (!account.faults.empty()) return account;
        account.jobs = count_of(file, "SELECT count(*) FROM job");
        if (account.format >= 2) {
            account.results = count_of(file, "SELECT count(*) FROM result");
            account.letters = count_of(file, "SELECT count(*) FROM letter");
            check_rows(file, rules, account.faults);
            if (file.number("SELECT count(*) FROM server") != 1) {
                account.faults.emplace_back("it is not known whose file it is");
            }
        }
        if (account.format >= 3) {
            account.runs = count_of(file, "SELECT count(*) FROM run");
            check_rows(file, rules_of_runs, account.faults);
        }
        file.run("ROLLBACK");
        account.bytes = fs::file_size(path, why);
    } catch (const sqlite_failure& failure) {
        if ((failure.code() & 0xff) != SQLITE_CORRUPT) refuse_job_file(path, failure);
        account.faults.emplace_back(failure.what());
    }
    return account;
}

}  // namespace sheaf::store
