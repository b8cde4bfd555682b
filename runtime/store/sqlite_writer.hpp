// Writes batches of entries to a file of jobs, a commit each, and says what became of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "store/backup_in_steps.hpp"
#include "store/batch_answers.hpp"
#include "store/log_room.hpp"
#include "store/sqlite_options.hpp"
#include "store/sqlite_tables.hpp"
#include "store/unwritten_entries.hpp"

namespace sheaf::store {

/// Used by one thread at a time.
class sqlite_writer {
  public:
    /// How much is worth a commit: enough that the disk's time is shared by many, little enough that none waits long.
    static constexpr std::size_t batch_jobs_max = 1000;
    static constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;

    /// What it is given must outlive it. Throws sqlite_failure.
    sqlite_writer(sqlite_file& file, const sqlite_options& how, const listener& hears);

    [[nodiscard]] sqlite_tables& tables() noexcept { return tables_; }

    /// One question that asks_alone(), or entries of which none does. A failed sync is `on_lost_disk`.
    void write(std::span<entry> some);

    /// Whether go_on_with_backup() has more to do.
    [[nodiscard]] bool is_backing_up() const noexcept { return backup_.is_running(); }
    void go_on_with_backup() { backup_.go_on(); }
    void give_up_backup() noexcept { backup_.give_up(); }

    /// Whether rest() would do something.
    [[nodiscard]] bool has_more_to_write() const noexcept { return log_has_pages_ || waits_for_space(); }
    [[nodiscard]] bool waits_for_space() const noexcept { return !unwritten_.empty(); }
    /// There has been nothing else to do for a while.
    void rest();
    /// Tries the last time to write what waits for space, and tells the log and `on_unwritten_ends` what is lost with it.
    void finish();

  private:
    void answer(const asked& one);
    [[nodiscard]] reply try_to_answer(const question& what, std::optional<sqlite_failure>& why);
    [[nodiscard]] reply purge_in_portions(purge what, std::optional<sqlite_failure>& why);
    void write_changes(std::span<entry> some);
    [[nodiscard]] std::optional<sqlite_failure> try_to_write(std::span<entry> some);
    void apply(entry& one);
    void refuse(std::span<entry> some, const sqlite_failure& why);
    void wait_for_ends(std::span<entry> questions);
    std::optional<sqlite_failure> write_late();
    void write_late_if_due();
    void write_back_log();
    void shorten_log();
    void roll_back(const sqlite_failure& why);
    void lose_disk(const sqlite_failure& why);
    void tell_unwritten() const;

    const sqlite_options& how_;
    sqlite_file& file_;
    batch_answers tell_;
    sqlite_tables tables_;
    sqlite_statement begin_;
    sqlite_statement commit_;
    backup_in_steps backup_;

    unwritten_entries unwritten_;
    std::chrono::steady_clock::time_point late_at_{};  ///< when these are tried again, though there are only questions
    log_room room_;
    bool log_has_pages_ = false;
    bool log_stays_ = false;  ///< it could not be written back
    bool refuses_ = false;    ///< the last batch of jobs could not be kept
};

}  // namespace sheaf::store
