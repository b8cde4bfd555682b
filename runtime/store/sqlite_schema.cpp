#include "store/sqlite_schema.hpp"

#include <chrono>
#include <random>
#include <sqlite3.h>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "store/file_pair.hpp"
#include "store/job_file_refusals.hpp"
#include "store/job_file_rules.hpp"
#include "store/log_check.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

// Looking through larger files would keep a server from its work for too long.
constexpr std::uintmax_t checked_bytes_max = std::uintmax_t{1} << 30;

// No index but that of the numbers: what is unique is known in memory, and an index of random keys costs four times the rest.
constexpr const char* schema = R"(
BEGIN IMMEDIATE;
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    function BLOB NOT NULL,
    unique_key BLOB NOT NULL,
    reducer BLOB NOT NULL,
    priority INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    terms BLOB NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE TABLE server (
    life INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    token INTEGER NOT NULL
) STRICT;
PRAGMA application_id = 1399349606;
)";
static_assert(job_file_application == 1399349606);

// What came with format 2.
constexpr const char* schema_of_ended_jobs = R"(
CREATE TABLE result (
    id INTEGER PRIMARY KEY,
    function BLOB NOT NULL,
    unique_key BLOB NOT NULL,
    ended INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE letter (
    id INTEGER PRIMARY KEY,
    function BLOB NOT NULL,
    unique_key BLOB NOT NULL,
    reducer BLOB NOT NULL,
    priority INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    terms BLOB NOT NULL,
    died INTEGER NOT NULL,
    reason BLOB NOT NULL,
    worker BLOB NOT NULL,
    log BLOB NOT NULL,
    exception BLOB NOT NULL,
    payload BLOB NOT NULL
) STRICT;
PRAGMA user_version = 2;
)";

// What came with format 3.
constexpr const char* schema_of_runs = R"(
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL,
    function BLOB NOT NULL,
    began INTEGER NOT NULL,
    keep INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    taker BLOB NOT NULL,
    outcome BLOB NOT NULL
) STRICT;
CREATE TABLE frame (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    gate INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    whole_slot INTEGER NOT NULL
) STRICT;
CREATE TABLE part (
    frame INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (frame, slot)
) STRICT;
CREATE TABLE tally (
    run INTEGER NOT NULL,
    node INTEGER NOT NULL,
    done INTEGER NOT NULL,
    PRIMARY KEY (run, node)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
)";

// What came with format 4.
constexpr const char* schema_of_failed_runs = R"(
ALTER TABLE run ADD COLUMN why BLOB NOT NULL DEFAULT x'';
CREATE INDEX IF NOT EXISTS letter_by_key ON letter (unique_key);
PRAGMA user_version = 4;
)";
static_assert(job_file_format == 4);

// What is made whenever it is not there, of whatever format: servers of before keep it up to date without knowing of it.
constexpr const char* index_of_deaths = "CREATE INDEX IF NOT EXISTS letter_by_death ON letter (died)";

constexpr const char* upgrade_from_1 = R"(
ALTER TABLE job ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN terms BLOB NOT NULL DEFAULT x'';
)";

// Exclusive, so that the index of the log is in memory, and a second server fails at once.
void look_only(sqlite_file& file) {
    file.keep_log(true);
    file.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA query_only = ON");
}

void set_up(sqlite_file& file) {
    file.run("PRAGMA query_only = OFF");
    if (file.text("PRAGMA journal_mode = WAL") != "wal") throw sqlite_failure(SQLITE_ERROR, "it takes no log");
    file.run("PRAGMA synchronous = FULL");
    file.run("PRAGMA journal_size_limit = 67108864");
}

/// To look into a file SQLite makes an empty log beside it. That goes again when the file is refused, before it is closed.
class new_log {
  public:
    explicit new_log(const fs::path& path) : log_(log_of(path)) {
        std::error_code why;
        was_there_ = fs::exists(log_, why);
    }
    new_log(const new_log&) = delete;
    new_log& operator=(const new_log&) = delete;
    ~new_log() {
        std::error_code why;
        if (!was_there_ && fs::file_size(log_, why) == 0 && !why) fs::remove(log_, why);
    }
    void keep() noexcept { was_there_ = true; }

  private:
    fs::path log_;
    bool was_there_ = false;
};

void make_schema(sqlite_file& file) {
    file.run(schema);
    file.run(schema_of_ended_jobs);
    file.run(schema_of_runs);
    file.run(schema_of_failed_runs);
    std::random_device random;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    file.prepare("INSERT INTO server (life, made_at, token) VALUES (0, ?, ?)")
        .bind(1, std::chrono::duration_cast<std::chrono::seconds>(now).count())
        .bind(2, std::int64_t{random()})
        .run();
    file.run("COMMIT");
}

void refuse_if_any(const std::vector<std::string>& faults) {
    if (!faults.empty()) throw sqlite_failure(SQLITE_CORRUPT, faults.front());
}

void check(sqlite_file& file, const fs::path& path) {
    std::error_code why;
    const auto bytes = fs::file_size(path, why);
    const bool is_searched = !why && bytes <= checked_bytes_max;
    if (is_searched) refuse_if_any(file.faults("PRAGMA quick_check(1)"));
    require_tables(file, format_of(file.number("PRAGMA user_version")));
    if (is_searched) refuse_if_any(broken_job_rows(file));
}

bool has_nothing(sqlite_file& file) {
    return file.number("PRAGMA application_id") == 0 && file.number("SELECT count(*) FROM sqlite_schema") == 0;
}

void upgrade(sqlite_file& file) {
    const std::int64_t version = format_of(file.number("PRAGMA user_version"));
    if (version == job_file_format) return;
    file.run("BEGIN IMMEDIATE");
    if (version < 2) {
        file.run(upgrade_from_1);
        file.run(schema_of_ended_jobs);
    }
    if (version < 3) file.run(schema_of_runs);
    file.run(schema_of_failed_runs);
    file.run("COMMIT");
}

// What is lost with a machine is what was to be expected there.
void go_on_without(const fs::path& path, const log_account& log) {
    const std::string words = words_of_damage(path, log);
    try {
        const fs::path aside = set_damaged_log_aside(path);
        spdlog::warn("of the queue {}, {} It is kept as {}.", path.string(), words, aside.string());
    } catch (const fs::filesystem_error& why) {
        refuse_job_file(path, words + " It cannot be set aside: " + why.code().message() +
                                  ". Make space for it in the directory, and start again.");
    }
}

std::string version_is(std::int64_t version) { return "PRAGMA user_version = " + std::to_string(version) + ";"; }

// Each time the file is opened its server has another life, whose jobs have numbers of their own.
identity begin_life(sqlite_file& file) {
    file.run(
        ("BEGIN IMMEDIATE; UPDATE server SET life = life + 1;" + version_is(job_file_format | open_mark) + "COMMIT")
            .c_str());
    return {.life = static_cast<std::uint64_t>(file.number("SELECT life FROM server")),
            .made_at = static_cast<std::uint64_t>(file.number("SELECT made_at FROM server")),
            .token = static_cast<std::uint32_t>(file.number("SELECT token FROM server"))};
}

}  // namespace

// Jobs are nobody else's business.
sqlite_file open_private(const fs::path& path) {
    struct private_files {
        ::mode_t before = ::umask(077);
        ~private_files() { ::umask(before); }
    } const while_it_is_made;
    return sqlite_file(path.string());
}

void require_job_file(sqlite_file& file, const fs::path& path) {
    if (has_nothing(file)) {
        refuse_job_file(path,
                        "there is nothing in it: the first start of its server was cut off. It may be started again.");
    }
    if (file.number("PRAGMA application_id") != job_file_application) {
        refuse_job_file(path, "it is a database of another program. Name another directory, or move the file away.");
    }
    const std::int64_t format = format_of(file.number("PRAGMA user_version"));
    if (format > job_file_format) {
        refuse_job_file(path, "it was written by a newer sheafd (format " + std::to_string(format) +
                                  ", this one knows " + std::to_string(job_file_format) + "). Run that one.");
    }
}

job_file open_job_file(const fs::path& directory, bool relaxed) {
    const fs::path path = directory / job_file_name;
    std::error_code why;
    if (fs::create_directories(directory, why); why) {
        refuse_data_directory(path, "its directory cannot be made: " + why.message());
    }
    const bool was_marked = require_pair(path);
    try {
        sqlite_file file = open_private(path);
        new_log made(path);
        look_only(file);
        const bool is_new = has_nothing(file);
        const log_account log = check_log_of(path);  // which nobody else writes to any more
        if (!is_new) require_job_file(file, path);
        if (log.is_damaged && !relaxed) refuse_damaged_log(path, words_of_damage(path, log));
        if (!is_new) check(file, path);
        const bool is_marked = was_marked && is_marked_open(file.number("PRAGMA user_version"));
        if (log.is_damaged) go_on_without(path, log);
        made.keep();
        // From here on it is ours, and is changed.
        set_up(file);
        // SQLite would go on behind the last whole commit, and what a crash has left there would be taken for damage after another.
        if (log.bytes_after != 0) file.cut_log(log.bytes);
        if (is_new) make_schema(file);
        upgrade(file);
        file.run(index_of_deaths);
        const identity who = begin_life(file);
        // Whatever becomes of the log: a file without tables is one whose first start was cut off, and may begin anew.
        if (is_new) {
            file.run("PRAGMA wal_checkpoint(TRUNCATE)");
        } else if (!is_marked) {
            file.write_back_log();  // so that the file itself says that it has a log
        }
        // Only now: a life that is lost would be lived again, with the same numbers.
        if (relaxed) file.run("PRAGMA synchronous = NORMAL");
        return {std::move(file), who};
    } catch (const sqlite_failure& failure) {
        if ((failure.code() & 0xff) == SQLITE_CANTOPEN) refuse_data_directory(path, failure.what());
        refuse_job_file(path, failure);
    }
}

// All else is in the file before it says that it needs no log.
void close_job_file(sqlite_file& file) {
    file.write_back_log();
    mark_closed(file);
    file.write_back_log();
    file.keep_log(false);
}

void mark_closed(sqlite_file& file) { file.run(version_is(job_file_format).c_str()); }

}  // namespace sheaf::store
