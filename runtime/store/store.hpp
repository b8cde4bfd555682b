// Where background jobs are kept, so that they outlive the server: the interface that every engine implements.
//
// An engine gathers what it is told during a turn of the loop and makes it durable in batches. It never blocks its
// caller: that a job is kept, or cannot be, is told later and by batches; questions are answered later, too. Everything
// takes effect in the order in which it was asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sheaf/runtime/error.hpp"
#include "store/rows.hpp"
#include "store/run_rows.hpp"

namespace sheaf::store {

/// What became of one persist(), of a job of a change_run(), or of the end of a run.
struct outcome {
    job_number id = 0;
    basic_result<void> result;              ///< an error: it is not kept, and its submitter should hear why
    std::optional<shared_bytes> payload{};  ///< of a job that was gathered
};

/// What is to be said of a change that was made.
inline void add_outcomes(const run_change& change, std::vector<outcome>& to) {
    for (const job_row& one : change.jobs) to.push_back({.id = one.id, .result = {}});
    for (const gathered_row& one : change.gathered) {
        to.push_back({.id = one.row.id, .result = {}, .payload = one.payload});
    }
    if (change.end) to.push_back({.id = change.run, .result = {}});
}

/// Names a question to whoever asked it.
using ticket = std::uint64_t;

// The questions.

inline constexpr std::size_t all_there_are = std::numeric_limits<std::int64_t>::max();

/// How did a job end? By its number or, when that is 0, the last to end of those with a unique key.
struct find_ended {
    job_number id = 0;
    std::string unique{};
    wall_time now{};
};
/// Which letters are there, the newest first?
struct list_letters {
    std::string function{};  ///< empty: of every function
    std::size_t most = 1000;
};
/// Which letters are meant: one, or those of a function, or all.
struct chosen_letters {
    job_number id = 0;
    std::string unique{};    ///< when `id` is 0
    std::string function{};  ///< when both are empty: of this function; empty: all
};
/// What would these letters be, as jobs that are due at once and as if never tried? By their numbers; nothing changes.
struct find_letters {
    chosen_letters which;
    job_number after = 0;  ///< those with higher numbers
    std::size_t most = 1000;
    std::size_t bytes_max = std::size_t{8} << 20;  ///< as load_jobs has it
};
/// Makes these letters such jobs.
struct revive {
    std::vector<job_number> ids;
};
/// Takes these letters away.
struct purge {
    chosen_letters which;
    std::size_t most = all_there_are;  ///< those with the lowest numbers
};
/// How much is there?
struct count_rows {};
/// Is all that was asked for before on the disk? An error when it is not, else monostate.
struct is_written {};
/// Answered, with monostate, when every end of a job that was given before it is on the disk or, when relaxed, written: results,
/// letters, steps of runs, and what is to be forgotten or tried again. Where there is no space that is later than is_written,
/// which is answered then with an error: when there is space again. Not answered if the store is closed before that.
struct ends_written {};
/// Copies what is kept to a file of that name, beside the file itself in a directory `backups`, while all else goes on.
struct backup {
    std::string name;  ///< of letters, digits, '.', '_' and '-', not beginning with '.'
};
/// What is kept of these jobs?
struct load_jobs {
    std::vector<job_number> ids;
    /// Of payloads: the answer stops before the job that is too much, if it is not the first.
    std::size_t bytes_max = std::size_t{8} << 20;
};
/// What has a run ended with? Whoever is the first to ask has taken it.
struct take_outcome {
    job_number run = 0;
    std::string taker{};
};
using question = std::variant<find_ended, list_letters, find_letters, revive, purge, count_rows, is_written,
                              ends_written, backup, load_jobs, take_outcome>;

// The replies. A question that cannot be answered gets an error.

struct letter_list {
    std::vector<dead_letter> letters;  ///< without payloads, logs and exceptions
    std::uint64_t total = 0;           ///< of those asked for, listed or not
};
struct found_letters {
    std::vector<job_row> jobs{};
    bool is_all = true;     ///< else there may be more behind them
    job_number newest = 0;  ///< the highest number that a letter has now
};
/// Jobs that are kept again: those that were letters still.
struct revived {
    std::vector<job_number> ids;
};
struct purged {
    std::uint64_t letters = 0;
};
struct totals {
    std::uint64_t jobs = 0;
    std::uint64_t results = 0;
    std::uint64_t letters = 0;
    std::uint64_t file_bytes = 0;
};
struct backed_up {
    std::string path;
    std::uint64_t bytes = 0;
};
/// Jobs in the order in which they were asked for, those that are kept.
struct loaded {
    std::vector<job_row> jobs;
};
/// monostate: there is no such job, or no such run that has ended.
using reply = std::variant<std::monostate, result_row, dead_letter, letter_list, found_letters, revived, purged, totals,
                           backed_up, loaded, run_outcome, error>;

/// Whom an engine tells. Both may be called on a thread of the engine's own, and from within commit().
struct listener {
    std::function<void(std::span<const outcome>)> outcomes{};
    std::function<void(ticket, reply)> reply{};
};

/// What makes the numbers and handles of jobs unique for ever.
struct identity {
    std::uint64_t life = 1;     ///< how often the store has been opened: another number each time
    std::uint64_t made_at = 0;  ///< when it was made, in seconds of the Unix time
    std::uint32_t token = 0;    ///< drawn by lot when it was made
};

/// How much is kept of jobs that have ended. What comes first goes first when there is no more room.
struct shelf_limits {
    std::uint64_t results_bytes_max = std::uint64_t{64} << 20;  ///< with 256 bytes for each besides its data
    std::uint64_t letters_max = 10'000;
};

/// One thread uses it.
class store {
  public:
    virtual ~store() = default;

    [[nodiscard]] virtual identity who() const noexcept = 0;

    /// What is kept of runs. Called once, before the jobs are.
    virtual kept_runs recover_runs() { return {}; }
    /// Gives `take` all that is kept, one job after the other, in the order in which they were persisted. Called once, before
    /// anything else that follows here. Throws runtime_failure for what cannot have been written by this program.
    virtual void recover_each(const std::function<void(job_row&&)>& take) = 0;
    /// The same, of few jobs.
    [[nodiscard]] std::vector<job_row> recover() {
        std::vector<job_row> all;
        recover_each([&](job_row&& row) { all.push_back(std::move(row)); });
        return all;
    }
    /// Asks for `row` to be kept. Answered once, after the next commit().
    virtual void persist(const job_row_view& row) = 0;

    // What ends or changes a kept job. None needs an answer: a job that comes back after a crash although it had ended is
    // run again.

    /// The job has ended, and nobody will ask for it.
    virtual void forget(job_number job) = 0;
    /// The job has ended well; its result is kept until its time is over.
    virtual void complete(result_row result) = 0;
    /// The job has failed for good.
    virtual void bury(dead_letter letter) = 0;
    /// The job has failed or lost its worker, and is to be tried again.
    virtual void reschedule(const attempt_note& note) = 0;

    /// A step of a run. Answered for each job that it keeps, and for the run when it ends. Only a change that begins a run may
    /// be refused, which is said of the run and of its jobs; any other is made later when there is no room for it now.
    virtual void change_run(run_change change) = 0;

    /// Answered once, after the next commit(); ends_written perhaps long after it.
    virtual void ask(ticket name, question what) = 0;

    /// The turn is over: what was gathered may be written now.
    virtual void commit() = 0;
};

}  // namespace sheaf::store
