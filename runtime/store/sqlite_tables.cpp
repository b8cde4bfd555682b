#include "store/sqlite_tables.hpp"

#include <algorithm>
#include <limits>
#include <sqlite3.h>

#include "store/sqlite_values.hpp"

namespace sheaf::store {
namespace {

constexpr std::int64_t priorities = 3;

// The broker's limits.
constexpr std::size_t function_size_max = 512;
constexpr std::size_t unique_size_max = 64;

constexpr const char* job_columns =
    "id, function, unique_key, reducer, priority, run_at, attempts, losses, terms, payload";
constexpr int payload_column = 9;
constexpr int letter_payload_column = 13;

[[noreturn]] void refuse_row(job_number id, const char* why) {
    throw sqlite_failure(SQLITE_CORRUPT, "job " + std::to_string(id) + " has " + why);
}

// Its index in the broker is behind this number.
std::uint8_t priority_of(job_number id, std::int64_t number) {
    if (number < 0 || number >= priorities) refuse_row(id, "no such priority as there is");
    return static_cast<std::uint8_t>(number);
}

// A row of job_columns.
job_row read_job(const sqlite_statement& row) {
    const auto id = static_cast<job_number>(row.number(0));
    if (row.number(0) <= 0) refuse_row(id, "no number");
    if (row.bytes(1).size() > function_size_max) refuse_row(id, "a function of too long a name");
    if (row.bytes(2).size() > unique_size_max) refuse_row(id, "too long a key");
    if (row.bytes(3).size() > function_size_max) refuse_row(id, "a reducer of too long a name");
    return {.id = id,
            .function = std::string(row.bytes(1)),
            .unique = std::string(row.bytes(2)),
            .reducer = std::string(row.bytes(3)),
            .priority = priority_of(id, row.number(4)),
            .run_at = time_of(row.number(5)),
            .attempts = count_of(row.number(6)),
            .losses = count_of(row.number(7)),
            .terms = std::string(row.bytes(8)),
            .payload = shared_bytes(row.bytes(9))};
}

}  // namespace

sqlite_tables::sqlite_tables(sqlite_file& file, const shelf_limits& limits)
    : file_(file),
      limits_(limits),
      shelf_(limits.results_bytes_max),
      keep_(file.prepare(
          "INSERT OR REPLACE INTO job (id, function, unique_key, reducer, priority, run_at, attempts, losses, "
          "terms, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      forget_(file.prepare("DELETE FROM job WHERE id = ?")),
      load_(file.prepare((std::string("SELECT ") + job_columns + " FROM job WHERE id = ?").c_str())),
      complete_(file.prepare("INSERT OR REPLACE INTO result (id, function, unique_key, ended, expires, bytes, data) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)")),
      drop_result_(file.prepare("DELETE FROM result WHERE id = ?")),
      bury_(file.prepare(
          "INSERT OR REPLACE INTO letter (id, function, unique_key, reducer, priority, attempts, losses, terms, died, "
          "reason, worker, log, exception, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      reschedule_(file.prepare("UPDATE job SET attempts = ?, losses = ?, run_at = ? WHERE id = ?")),
      result_(file.prepare("SELECT id, function, unique_key, ended, expires, bytes, data FROM result WHERE id = ?")),
      letter_(file.prepare("SELECT id, function, unique_key, reducer, priority, attempts, losses, terms, died, reason, "
                           "worker, log, exception, payload FROM letter WHERE id = ?")),
      drop_letter_(file.prepare("DELETE FROM letter WHERE id = ?")),
      oldest_letter_(file.prepare("SELECT id FROM letter ORDER BY died, id LIMIT 1")),
      revive_(file.prepare("INSERT OR REPLACE INTO job (id, function, unique_key, reducer, priority, run_at, attempts, "
                           "losses, terms, payload) SELECT id, function, unique_key, reducer, priority, 0, 0, 0, "
                           "terms, payload FROM letter WHERE id = ?")),
      runs_(file,
            {.keep = [this](const job_row& row) { keep(row); }, .forget = [this](job_number job) { forget(job); }}) {
    read_shelf();
}

void sqlite_tables::read_shelf() {
    shelf_ = result_shelf(limits_.results_bytes_max);
    sqlite_statement rows = file_.prepare("SELECT id, unique_key, length(data), expires FROM result");
    while (rows.step()) {
        shelf_.add(static_cast<job_number>(rows.number(0)), rows.bytes(1), static_cast<std::uint64_t>(rows.number(2)),
                   time_of(rows.number(3)));
    }
    letters_ = static_cast<std::uint64_t>(file_.number("SELECT count(*) FROM letter"));
}

void sqlite_tables::begin() noexcept {
    shelf_.begin();
    letters_before_ = letters_;
}

void sqlite_tables::undo() {
    shelf_.undo();
    letters_ = letters_before_;
}

void sqlite_tables::jobs(const std::function<void(job_row&&)>& take) {
    sqlite_statement rows = file_.prepare((std::string("SELECT ") + job_columns + " FROM job ORDER BY id").c_str());
    while (rows.step()) take(read_job(rows));
}

void sqlite_tables::keep(const job_row& row) {
    keep_.bind(1, signed_of(row.id))
        .bind(2, row.function)
        .bind(3, row.unique)
        .bind(4, row.reducer)
        .bind(5, std::int64_t{row.priority})
        .bind(6, nanoseconds_of(row.run_at))
        .bind(7, std::int64_t{row.attempts})
        .bind(8, std::int64_t{row.losses})
        .bind(9, row.terms)
        .bind(10, row.payload.view())
        .run();
}

void sqlite_tables::forget(job_number job) { forget_.bind(1, signed_of(job)).run(); }

void sqlite_tables::complete(const result_row& result) {
    forget(result.id);
    complete_.bind(1, signed_of(result.id))
        .bind(2, result.function)
        .bind(3, result.unique)
        .bind(4, nanoseconds_of(result.ended))
        .bind(5, nanoseconds_of(result.expires))
        .bind(6, signed_of(result.bytes))
        .bind(7, result.data.view())
        .run();
    shelf_.add(result.id, result.unique, result.data.size(), result.expires);
}

void sqlite_tables::bury(const dead_letter& letter) {
    const job_row& job = letter.job;
    forget(job.id);
    if (limits_.letters_max == 0) return;
    (void)drop_letter(job.id);  // so that it counts once
    bury_.bind(1, signed_of(job.id))
        .bind(2, job.function)
        .bind(3, job.unique)
        .bind(4, job.reducer)
        .bind(5, std::int64_t{job.priority})
        .bind(6, std::int64_t{job.attempts})
        .bind(7, std::int64_t{job.losses})
        .bind(8, job.terms)
        .bind(9, nanoseconds_of(letter.died))
        .bind(10, letter.reason)
        .bind(11, letter.worker)
        .bind(12, letter.log)
        .bind(13, letter.exception.view())
        .bind(14, job.payload.view())
        .run();
    ++letters_;
    drop_oldest_letters();
}

void sqlite_tables::reschedule(const attempt_note& note) {
    reschedule_.bind(1, std::int64_t{note.attempts})
        .bind(2, std::int64_t{note.losses})
        .bind(3, nanoseconds_of(note.run_at))
        .bind(4, signed_of(note.id))
        .run();
}

void sqlite_tables::tidy(wall_time now) {
    for (const job_number gone : shelf_.take_due(now)) drop_result_.bind(1, signed_of(gone)).run();
}

void sqlite_tables::drop_oldest_letters() {
    while (letters_ > limits_.letters_max) {
        const statement_end over(oldest_letter_);
        if (!oldest_letter_.step()) return;
        (void)drop_letter(static_cast<job_number>(oldest_letter_.number(0)));
    }
}

// ---- Questions.

reply sqlite_tables::answer(const find_ended& what) {
    return what.id != 0 ? find_by_number(what.id, what.now) : find_by_unique(what);
}

reply sqlite_tables::find_by_number(job_number id, wall_time now) {
    result_.bind(1, signed_of(id));
    const statement_end result_over(result_);
    if (result_.step()) {
        result_row found{.id = id,
                         .function = std::string(result_.bytes(1)),
                         .unique = std::string(result_.bytes(2)),
                         .ended = time_of(result_.number(3)),
                         .expires = time_of(result_.number(4)),
                         .bytes = static_cast<std::uint64_t>(result_.number(5)),
                         .data = shared_bytes(result_.bytes(6))};
        if (found.expires > now) return found;
        return {};
    }
    letter_.bind(1, signed_of(id));
    const statement_end letter_over(letter_);
    if (letter_.step()) return read_letter(letter_);
    return {};
}

// The newer of a result and a letter; two keys may be hashed to one number, so the rows decide.
reply sqlite_tables::find_by_unique(const find_ended& what) {
    reply best;
    wall_time best_end{};
    for (const job_number id : shelf_.with_unique(what.unique)) {
        reply found = find_by_number(id, what.now);
        const auto* const result = std::get_if<result_row>(&found);
        if (result == nullptr || result->unique != what.unique || result->ended < best_end) continue;
        best_end = result->ended;
        best = std::move(found);
    }
    sqlite_statement letters =
        file_.prepare("SELECT id, died FROM letter WHERE unique_key = ? ORDER BY died DESC LIMIT 1");
    letters.bind(1, what.unique);
    if (letters.step() && time_of(letters.number(1)) >= best_end) {
        return find_by_number(static_cast<job_number>(letters.number(0)), what.now);
    }
    return best;
}

dead_letter sqlite_tables::read_letter(sqlite_statement& row) const {
    const auto id = static_cast<job_number>(row.number(0));
    return {.job = {.id = id,
                    .function = std::string(row.bytes(1)),
                    .unique = std::string(row.bytes(2)),
                    .reducer = std::string(row.bytes(3)),
                    .priority = priority_of(id, row.number(4)),
                    .attempts = count_of(row.number(5)),
                    .losses = count_of(row.number(6)),
                    .terms = std::string(row.bytes(7)),
                    .payload = shared_bytes(row.bytes(13))},
            .reason = std::string(row.bytes(9)),
            .worker = std::string(row.bytes(10)),
            .log = std::string(row.bytes(11)),
            .exception = shared_bytes(row.bytes(12)),
            .died = time_of(row.number(8))};
}

reply sqlite_tables::answer(const list_letters& what) {
    letter_list list;
    list.total = letters_;
    if (!what.function.empty()) {
        sqlite_statement count = file_.prepare("SELECT count(*) FROM letter WHERE function = ?1");
        count.bind(1, what.function);
        if (count.step()) list.total = static_cast<std::uint64_t>(count.number(0));
    }
    sqlite_statement rows = file_.prepare(
        "SELECT id, function, unique_key, reducer, priority, attempts, losses, terms, died, reason, worker, x'', "
        "x'', x'' FROM letter WHERE ?1 = x'' OR function = ?1 ORDER BY died DESC, id DESC LIMIT ?2");
    rows.bind(1, what.function).bind(2, signed_of(what.most));
    while (rows.step()) list.letters.push_back(read_letter(rows));
    return list;
}

// By their numbers: above `after`, and no more than `most`.
std::vector<job_number> sqlite_tables::choose(const chosen_letters& which, job_number after, std::size_t most) {
    const std::string where = which.id != 0           ? "id = ?2"
                              : !which.unique.empty() ? "unique_key = ?2"
                                                      : "(?2 = x'' OR function = ?2)";
    sqlite_statement rows =
        file_.prepare(("SELECT id FROM letter WHERE id > ?1 AND " + where + " ORDER BY id LIMIT ?3").c_str());
    rows.bind(1, signed_of(after)).bind(3, signed_of(most));
    which.id != 0 ? rows.bind(2, signed_of(which.id))
                  : rows.bind(2, which.unique.empty() ? which.function : which.unique);
    std::vector<job_number> chosen;
    while (rows.step()) chosen.push_back(static_cast<job_number>(rows.number(0)));
    return chosen;
}

// False when it was not there.
bool sqlite_tables::drop_letter(job_number id) {
    drop_letter_.bind(1, signed_of(id)).run();
    if (sqlite3_changes(file_.handle()) == 0) return false;
    --letters_;
    return true;
}

reply sqlite_tables::answer(const find_letters& what) {
    found_letters found{.newest = static_cast<job_number>(file_.number("SELECT max(id) FROM letter"))};
    const std::vector<job_number> chosen = choose(what.which, what.after, what.most);
    found.is_all = chosen.size() < what.most;
    std::size_t bytes = 0;
    for (const job_number id : chosen) {
        letter_.bind(1, signed_of(id));
        const statement_end over(letter_);
        if (!letter_.step()) continue;
        bytes += letter_.bytes(letter_payload_column).size();
        if (!found.jobs.empty() && bytes > what.bytes_max) {
            found.is_all = false;
            break;
        }
        job_row& job = found.jobs.emplace_back(read_letter(letter_).job);
        job.attempts = 0;
        job.losses = 0;
    }
    return found;
}

reply sqlite_tables::answer(const revive& what) {
    revived back;
    for (const job_number id : what.ids) {
        revive_.bind(1, signed_of(id)).run();
        if (drop_letter(id)) back.ids.push_back(id);
    }
    return back;
}

reply sqlite_tables::answer(const purge& what) {
    const std::vector<job_number> all = choose(what.which, 0, what.most);
    for (const job_number id : all) (void)drop_letter(id);
    return purged{all.size()};
}

reply sqlite_tables::answer(const load_jobs& what) {
    loaded found;
    std::size_t bytes = 0;
    for (const job_number id : what.ids) {
        load_.bind(1, signed_of(id));
        const statement_end over(load_);
        if (!load_.step()) continue;
        bytes += load_.bytes(payload_column).size();
        if (!found.jobs.empty() && bytes > what.bytes_max) break;
        found.jobs.push_back(read_job(load_));
    }
    return found;
}

reply sqlite_tables::answer(const count_rows& /*what*/) {
    const auto pages = static_cast<std::uint64_t>(file_.number("PRAGMA page_count"));
    return totals{.jobs = static_cast<std::uint64_t>(file_.number("SELECT count(*) FROM job")),
                  .results = shelf_.size(),
                  .letters = letters_,
                  .file_bytes = pages * static_cast<std::uint64_t>(file_.number("PRAGMA page_size"))};
}

}  // namespace sheaf::store
