// The engine that keeps jobs in a SQLite file: what is acknowledged outlives the process, and the machine's power.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/entry.hpp"
#include "store/sqlite_options.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_writer.hpp"
#include "store/store.hpp"

namespace sheaf::store {

/// A thread of its own commits what has gathered while the last commit was under way, in the order in which it was asked for.
class sqlite_store final : public store {
  public:
    /// Throws runtime_failure, as open_job_file() does. `hears` is told on the engine's thread, and when relaxed of outcomes on
    /// the caller's.
    sqlite_store(sqlite_options how, listener hears);
    /// Writes what was gathered first.
    ~sqlite_store() override;

    [[nodiscard]] identity who() const noexcept override { return jobs_.who; }
    kept_runs recover_runs() override;
    void recover_each(const std::function<void(job_row&&)>& take) override;
    void persist(const job_row_view& row) override;
    void forget(job_number job) override;
    void complete(result_row result) override;
    void bury(dead_letter letter) override;
    void reschedule(const attempt_note& note) override;
    void change_run(run_change change) override;
    void ask(ticket name, question what) override;
    void commit() override;

  private:
    void stop();
    void close() noexcept;
    void work();
    bool wait();
    [[nodiscard]] bool is_stopping();
    [[nodiscard]] std::span<entry> take_some();
    void take_waiting();

    sqlite_options how_;
    listener hears_;
    job_file jobs_;
    sqlite_writer writer_;         // the thread's, while there is one
    std::vector<entry> gathered_;  // the caller's
    bool is_sound_ = true;         // the caller's: all that was there could be read

    std::mutex mutex_;
    std::condition_variable wake_;  // not the one for stop tokens: whoever that wakes waits for a lock of its own first
    bool stopping_ = false;         // under the mutex
    std::vector<entry> waiting_;    // handed over, under the mutex

    std::vector<entry> handed_over_;  // the thread's: what was waiting_
    std::size_t taken_ = 0;           // the thread's: how many of them have been dealt with
    std::thread thread_;
};

}  // namespace sheaf::store
