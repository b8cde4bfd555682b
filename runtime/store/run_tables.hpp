// The tables of runs in a file of jobs. Transactions are the caller's.
#pragma once

#include <functional>
#include <variant>

#include "store/run_rows.hpp"
#include "store/sqlite_file.hpp"
#include "store/store.hpp"

namespace sheaf::store {

/// Used by one thread at a time. All members throw sqlite_failure.
class run_tables {
  public:
    /// How rows of the table of jobs are written, which is not one of these.
    struct job_table {
        std::function<void(const job_row&)> keep;
        std::function<void(job_number)> forget;
    };
    /// `file` must outlive it.
    run_tables(sqlite_file& file, job_table jobs);

    [[nodiscard]] kept_runs all();
    /// Fills in the payloads of what is gathered.
    void apply(run_change& change);
    /// Gives `what.taker` the outcome, if nobody else has it. monostate: no run of this number has ended.
    [[nodiscard]] reply take(const take_outcome& what);

  private:
    void begin(const run_row& run);
    void open(const frame_row& frame);
    void put(const part_row& part);
    void close(frame_number frame);
    void gather(gathered_row& what);
    void end(job_number run, const run_end_row& how);
    void forget(job_number run);

    sqlite_file& file_;
    job_table jobs_;
    sqlite_statement begin_;
    sqlite_statement open_;
    sqlite_statement put_;
    sqlite_statement parts_;
    sqlite_statement drop_parts_;
    sqlite_statement drop_frame_;
    sqlite_statement count_;
    sqlite_statement end_;
    sqlite_statement forget_;
    sqlite_statement forget_tallies_;
    sqlite_statement outcome_;
    sqlite_statement taken_;
};

}  // namespace sheaf::store
