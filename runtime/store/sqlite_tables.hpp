// The tables of a file of jobs: one function for each thing that is done with their rows. Transactions are the caller's.
#pragma once

#include <functional>
#include <vector>

#include "store/result_shelf.hpp"
#include "store/run_tables.hpp"
#include "store/sqlite_file.hpp"
#include "store/store.hpp"

namespace sheaf::store {

/// Used by one thread at a time. All members throw sqlite_failure.
class sqlite_tables {
  public:
    /// `file` must outlive it.
    sqlite_tables(sqlite_file& file, const shelf_limits& limits);
    sqlite_tables(const sqlite_tables&) = delete;
    sqlite_tables& operator=(const sqlite_tables&) = delete;

    /// Gives `take` all jobs, by their numbers. Refuses, as damage, a row that cannot have been written by this program.
    void jobs(const std::function<void(job_row&&)>& take);

    void keep(const job_row& row);
    void forget(job_number job);
    void complete(const result_row& result);
    void bury(const dead_letter& letter);
    void reschedule(const attempt_note& note);

    [[nodiscard]] kept_runs runs() { return runs_.all(); }
    /// Fills in the payloads of what is gathered.
    void change_run(run_change& change) { runs_.apply(change); }

    /// Takes what is over at `now`, and what there is no room for, from the results.
    void tidy(wall_time now);

    [[nodiscard]] reply answer(const find_ended& what);
    [[nodiscard]] reply answer(const list_letters& what);
    [[nodiscard]] reply answer(const find_letters& what);
    [[nodiscard]] reply answer(const revive& what);
    [[nodiscard]] reply answer(const purge& what);
    [[nodiscard]] reply answer(const count_rows& what);
    /// Not matters of tables.
    [[nodiscard]] reply answer(const is_written& /*what*/) { return {}; }
    [[nodiscard]] reply answer(const ends_written& /*what*/) { return {}; }
    [[nodiscard]] reply answer(const backup& /*what*/) { return {}; }
    [[nodiscard]] reply answer(const load_jobs& what);
    [[nodiscard]] reply answer(const take_outcome& what) { return runs_.take(what); }

    /// A transaction begins; it was undone, and so is what it has changed in memory.
    void begin() noexcept;
    void undo();

  private:
    void read_shelf();
    [[nodiscard]] reply find_by_number(job_number id, wall_time now);
    [[nodiscard]] reply find_by_unique(const find_ended& what);
    [[nodiscard]] std::vector<job_number> choose(const chosen_letters& which, job_number after, std::size_t most);
    bool drop_letter(job_number id);
    [[nodiscard]] dead_letter read_letter(sqlite_statement& row) const;
    void drop_oldest_letters();

    sqlite_file& file_;
    shelf_limits limits_;
    result_shelf shelf_;
    std::uint64_t letters_ = 0;
    std::uint64_t letters_before_ = 0;  ///< the transaction

    sqlite_statement keep_;
    sqlite_statement forget_;
    sqlite_statement load_;
    sqlite_statement complete_;
    sqlite_statement drop_result_;
    sqlite_statement bury_;
    sqlite_statement reschedule_;
    sqlite_statement result_;
    sqlite_statement letter_;
    sqlite_statement drop_letter_;
    sqlite_statement oldest_letter_;
    sqlite_statement revive_;
    run_tables runs_;
};

}  // namespace sheaf::store
