#include "store/check_job_file.hpp"

#include <sqlite3.h>

#include "store/file_pair.hpp"
#include "store/job_file_refusals.hpp"
#include "store/job_file_rules.hpp"
#include "store/log_check.hpp"
#include "store/sqlite_schema.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

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
        if (log.is_damaged) {
            account.losses.push_back(words_of_damage(path, log) + " " + way_out_of_damaged_log());
        }
        account.format = format_of(file.number("PRAGMA user_version"));
        account.faults = file.faults("PRAGMA integrity_check(100)");
        if (!account.faults.empty()) return account;
        require_tables(file, account.format);
        account.jobs = count_of(file, "SELECT count(*) FROM job");
        if (account.format >= 2) {
            account.results = count_of(file, "SELECT count(*) FROM result");
            account.letters = count_of(file, "SELECT count(*) FROM letter");
        }
        if (account.format >= 3) account.runs = count_of(file, "SELECT count(*) FROM run");
        account.faults = broken_rows(file, account.format);
        file.run("ROLLBACK");
        account.bytes = fs::file_size(path, why);
    } catch (const sqlite_failure& failure) {
        if ((failure.code() & 0xff) == SQLITE_BUSY) {
            refuse_job_file(path,
                            "a server has it open. Stop that one, or check a copy that `sheaf queue backup` makes.");
        }
        if ((failure.code() & 0xff) != SQLITE_CORRUPT) refuse_job_file(path, failure);
        account.faults.emplace_back(failure.what());
    }
    return account;
}

}  // namespace sheaf::store
