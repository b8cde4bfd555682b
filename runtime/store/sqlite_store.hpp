// The engine that keeps jobs in a SQLite file: what is acknowledged outlives the process, and the machine's power.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "store/log_room.hpp"
#include "store/sqlite_backup.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_tables.hpp"
#include "store/store.hpp"

namespace sheaf::store {

struct sqlite_options {
    std::filesystem::path directory;
    /// Jobs are answered for before they are on the disk: a crash of the process or the machine loses the last of them.
    bool relaxed = false;
    /// How large the file may become, in pages of 4 KiB; more than that is refused as if the disk were full. 0: as large as the disk.
    int pages_max = 0;
    shelf_limits shelf{};
    /// Called when the disk said that it could not keep what it had been given, after which nothing can be believed. Must not
    /// return; ends the process with status 70 when empty. On a thread of the engine's.
    std::function<void(const std::string& why)> on_lost_disk{};
    /// Called at the end, when there was no space for the ends of so many jobs.
    std::function<void(std::size_t jobs)> on_unwritten_ends{};
};

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
    struct asked {
        ticket name = 0;
        question what;
    };
    using entry = std::variant<job_row, job_number, result_row, dead_letter, attempt_note, run_change, asked>;

    void stop();
    void close() noexcept;
    void work();
    bool wait();
    [[nodiscard]] bool is_stopping();
    [[nodiscard]] std::span<entry> take_some();
    void take_waiting();
    /// Whether what came before it is written: answered with the batch or, when there is no space, later.
    [[nodiscard]] static bool is_asked(const entry& one);
    [[nodiscard]] static bool is_asked_of_ends(const entry& one);
    /// Any other question: a batch of its own.
    [[nodiscard]] static bool is_asked_alone(const entry& one);
    void write(std::span<entry> some);
    void write_changes(std::span<entry> some);
    [[nodiscard]] std::optional<sqlite_failure> try_to_write(std::span<entry> some);
    void apply(entry& one);
    void answer(const asked& one);
    [[nodiscard]] std::optional<reply> answer_unwritten(const question& what) const;
    [[nodiscard]] bool is_unwritten(const load_jobs& what) const;
    void list_unwritten(const list_letters& what, letter_list& to) const;
    void begin_backup(ticket name, const backup& what);
    void go_on_with_backup();
    /// Until all is written, or what there is no space for is the first.
    std::optional<sqlite_failure> write_late();
    void write_late_if_due();
    [[nodiscard]] std::span<entry> late_portion(std::size_t first);
    void keep_for_later(std::vector<entry> some);
    void shorten_log();
    void tell_unwritten() const;
    void write_back_log();
    void lose_disk(const sqlite_failure& why);
    void fail(std::span<entry> some, const sqlite_failure& why);
    void tell_rows(std::span<const entry> of, const basic_result<void>& result) const;
    void tell_written(std::span<const entry> of) const;
    void tell_ends(std::span<const entry> of) const;
    void wait_for_ends(std::span<entry> questions);
    /// Of those that wait for nothing that is unwritten.
    void tell_first_ends();
    void tell_changes(std::span<const entry> of) const;
    void tell_refused_runs(std::span<const entry> of, const error& why) const;

    sqlite_options how_;
    listener hears_;
    job_file jobs_;
    sqlite_tables tables_;
    sqlite_statement begin_ = jobs_.file.prepare("BEGIN IMMEDIATE");
    sqlite_statement commit_ = jobs_.file.prepare("COMMIT");

    std::vector<entry> gathered_;  // the caller's
    bool is_sound_ = true;         // the caller's: all that was there could be read

    std::mutex mutex_;
    std::condition_variable wake_;  // not the one for stop tokens: whoever that wakes waits for a lock of its own first
    bool stopping_ = false;         // under the mutex
    std::vector<entry> waiting_;    // handed over, under the mutex

    std::vector<entry> handed_over_;  // the thread's: what was waiting_
    std::size_t taken_ = 0;           // the thread's: how many of them have been dealt with

    std::vector<entry> unwritten_;  // ends of jobs for which there was no room, and who waits for them; the thread's
    std::chrono::steady_clock::time_point late_at_{};  ///< when these are tried again, though there are only questions
    struct named_backup {
        ticket name = 0;
        sqlite_backup copy;
    };
    std::size_t late_most_ = 1000;        // of those, how many are tried at once; the thread's
    std::optional<named_backup> backup_;  // the thread's
    log_room room_;                       // the thread's
    bool log_has_pages_ = false;          // the thread's
    bool log_stays_ = false;              // the thread's: it could not be written back
    bool refuses_ = false;                // the thread's: the last batch of jobs could not be kept
    std::thread thread_;
};

}  // namespace sheaf::store
