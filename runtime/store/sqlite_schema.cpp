#include "store/sqlite_schema.hpp"

#include <chrono>
#include <random>
#include <sqlite3.h>
#include <string>
#include <sys/stat.h>

#include "base/log.hpp"
#include "store/log_check.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t application = 0x53686166;  // "Shaf"
constexpr std::int64_t schema_version = 4;

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
static_assert(application == 1399349606);

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
static_assert(schema_version == 4);

constexpr const char* upgrade_from_1 = R"(
ALTER TABLE job ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN terms BLOB NOT NULL DEFAULT x'';
)";

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
    throw runtime_failure({errc::io_error, "the queue " + path.string() + " cannot be used: " + why});
}

[[noreturn]] void refuse(const fs::path& path, const sqlite_failure& why) {
    switch (why.code() & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            refuse(path, "another server has it open. Stop that one, or give this one a directory of its own.");
        case SQLITE_NOTADB: refuse(path, "it is no queue of sheafd. Name another directory, or move the file away.");
        case SQLITE_CORRUPT:
        case SQLITE_ERROR:     // tables that lack something
        case SQLITE_MISMATCH:  // or hold something else
            refuse(path, std::string("it is damaged (") + why.what() +
                             "). Put a copy in its place, or move it away to begin with an empty queue.");
        default: refuse(path, std::string(why.what()) + ". Look after its directory and the disk.");
    }
}

// There is none, nor may one be made.
[[noreturn]] void refuse_directory(const fs::path& path, const std::string& why) {
    refuse(path, why +
                     ". Name a directory that sheafd may write to with --data-dir, or have jobs in memory with "
                     "--durability none.");
}

// Exclusive before WAL: so the index of the log is in memory, and a second server fails at once.
void set_up(sqlite_file& file) {
    file.run("PRAGMA locking_mode = EXCLUSIVE");
    file.run("PRAGMA cell_size_check = ON");
    if (file.text("PRAGMA journal_mode = WAL") != "wal") throw sqlite_failure(SQLITE_ERROR, "it takes no log");
    file.run("PRAGMA synchronous = FULL");
    file.run("PRAGMA journal_size_limit = 67108864");
}

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

void check(sqlite_file& file, const fs::path& path) {
    require_job_file(file, path);
    std::error_code why;
    if (const auto bytes = fs::file_size(path, why); why || bytes > checked_bytes_max) return;
    if (const std::string found = file.text("PRAGMA quick_check(1)"); found != "ok") {
        throw sqlite_failure(SQLITE_CORRUPT, found);
    }
}

void upgrade(sqlite_file& file) {
    const std::int64_t version = file.number("PRAGMA user_version");
    if (version == schema_version) return;
    file.run("BEGIN IMMEDIATE");
    if (version < 2) {
        file.run(upgrade_from_1);
        file.run(schema_of_ended_jobs);
    }
    if (version < 3) file.run(schema_of_runs);
    file.run(schema_of_failed_runs);
    file.run("COMMIT");
}

// Each time the file is opened its server has another life, whose jobs have numbers of their own.
identity begin_life(sqlite_file& file) {
    file.run("BEGIN IMMEDIATE; UPDATE server SET life = life + 1; COMMIT");
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
    const std::int64_t whose = file.number("PRAGMA application_id");
    if (whose == 0 && file.number("SELECT count(*) FROM sqlite_schema") == 0) {
        refuse(path, "there is nothing in it: the first start of its server was cut off. It may be started again.");
    }
    if (whose != application) {
        refuse(path, "it is a database of another program. Name another directory, or move the file away.");
    }
    const std::int64_t version = file.number("PRAGMA user_version");
    if (version > schema_version) {
        refuse(path, "it was written by a newer sheafd (format " + std::to_string(version) + ", this one knows " +
                         std::to_string(schema_version) + "). Run that one.");
    }
}

void refuse_job_file(const fs::path& path, const sqlite_failure& why) { refuse(path, why); }

job_file open_job_file(const fs::path& directory, bool relaxed) {
    const fs::path path = directory / job_file_name;
    std::error_code why;
    if (fs::create_directories(directory, why); why) {
        refuse_directory(path, "its directory cannot be made: " + why.message());
    }
    const log_account log = check_log_of(path);
    try {
        sqlite_file file = open_private(path);
        set_up(file);
        if (log.is_damaged) spdlog::warn("of the queue {}, {}", path.string(), words_of_damage(path, log));
        const bool is_new = file.number("SELECT count(*) FROM sqlite_schema") == 0;
        is_new ? make_schema(file) : check(file, path);
        upgrade(file);
        const identity who = begin_life(file);
        // Whatever becomes of the log: a file without tables is one whose first start was cut off, and may begin anew.
        if (is_new) file.run("PRAGMA wal_checkpoint(TRUNCATE)");
        // Only now: a life that is lost would be lived again, with the same numbers.
        if (relaxed) file.run("PRAGMA synchronous = NORMAL");
        return {std::move(file), who};
    } catch (const sqlite_failure& failure) {
        if ((failure.code() & 0xff) == SQLITE_CANTOPEN) refuse_directory(path, failure.what());
        refuse(path, failure);
    }
}

}  // namespace sheaf::store
