#include "store/job_file_rules.hpp"

#include <span>
#include <sqlite3.h>

namespace sheaf::store {
namespace {

struct rule {
    const char* broken_by;  ///< rows of which this is true
    const char* sentence;
};
struct table {
    std::int64_t since;   ///< the first format that has it
    const char* columns;  ///< a statement that names them
    const char* name;
    std::span<const rule> rules{};
};

constexpr rule of_jobs[] = {
    {"id <= 0", "jobs without a number"},
    {"length(function) > 512 OR length(reducer) > 512 OR length(unique_key) > 64",
     "jobs with longer names and keys than there are"},
    {"priority NOT BETWEEN 0 AND 2", "jobs of a priority that there is not"},
};
constexpr rule of_results[] = {{"id <= 0", "results of no job"}};
constexpr rule of_letters[] = {
    {"id <= 0", "dead letters of no job"},
    {"priority NOT BETWEEN 0 AND 2", "dead letters of a priority that there is not"},
};
constexpr rule of_runs[] = {{"id <= 0 OR length(name) = 0", "runs without a name"}};
constexpr rule of_frames[] = {{"run NOT IN (SELECT id FROM run)", "frames of no run"}};
constexpr rule of_parts[] = {{"frame NOT IN (SELECT id FROM frame)", "parts of no frame"}};

constexpr table jobs{1, "SELECT id, function, unique_key, reducer, priority, run_at, payload FROM job", "job", of_jobs};
constexpr table tables[] = {
    {1, "SELECT life, made_at, token FROM server", "server"},
    jobs,
    {2, "SELECT attempts, losses, terms FROM job", "job"},
    {2, "SELECT id, function, unique_key, ended, expires, bytes, data FROM result", "result", of_results},
    {2,
     "SELECT id, function, unique_key, reducer, priority, attempts, losses, terms, died, reason, worker, log, "
     "exception, payload FROM letter",
     "letter", of_letters},
    {3, "SELECT id, name, function, began, keep, ended, expires, taker, outcome FROM run", "run", of_runs},
    {3, "SELECT id, run, gate, rule, parts, whole, whole_slot FROM frame", "frame", of_frames},
    {3, "SELECT frame, slot, payload FROM part", "part", of_parts},
    {3, "SELECT run, node, done FROM tally", "tally"},
    {4, "SELECT why FROM run", "run"},
};

void add_broken(sqlite_file& file, const table& of, std::vector<std::string>& faults) {
    if (of.rules.empty()) return;
    std::string sql;
    for (const rule& one : of.rules) sql += (sql.empty() ? "SELECT sum(" : ", sum(") + std::string(one.broken_by) + ")";
    sqlite_statement counts = file.prepare((sql + " FROM " + of.name).c_str());
    if (!counts.step()) return;
    int column = 0;
    for (const rule& one : of.rules) {
        if (const std::int64_t count = counts.number(column++); count != 0) {
            faults.push_back(std::to_string(count) + " " + one.sentence);
        }
    }
}

}  // namespace

void require_tables(sqlite_file& file, std::int64_t format) {
    for (const table& one : tables) {
        if (one.since <= format) (void)file.prepare(one.columns);
    }
    if (file.number("SELECT count(*) FROM server") != 1) {
        throw sqlite_failure(SQLITE_CORRUPT, "it is not known whose file it is");
    }
}

std::vector<std::string> broken_job_rows(sqlite_file& file) {
    std::vector<std::string> faults;
    add_broken(file, jobs, faults);
    return faults;
}

std::vector<std::string> broken_rows(sqlite_file& file, std::int64_t format) {
    std::vector<std::string> faults;
    for (const table& one : tables) {
        if (one.since <= format) add_broken(file, one, faults);
    }
    return faults;
}

}  // namespace sheaf::store
