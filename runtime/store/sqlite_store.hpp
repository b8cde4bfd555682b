// The engine that keeps jobs in a SQLite file: what is acknowledged outlives the process, and the machine's power.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "store/sqlite_schema.hpp"
#include "store/store.hpp"

namespace sheaf::store {

struct sqlite_options {
    std::filesystem::path directory;
    /// Jobs are answered for before they are on the disk: a crash of the process or the machine loses the last of them.
    bool relaxed = false;
    /// How large the file may become, in pages of 4 KiB; more than that is refused as if the disk were full. 0: as large as the disk.
    int pages_max = 0;
    /// Called when the disk said that it could not keep what it had been given, after which nothing can be believed. Must not
    /// return; ends the process with status 70 when empty. On a thread of the engine's.
    std::function<void(const std::string& why)> on_lost_disk{};
};

/// A thread of its own commits what has gathered while the last commit was under way, in the order in which it was asked for.
class sqlite_store final : public store {
  public:
    /// Throws runtime_failure, as open_job_file() does. `report` is called on the engine's thread, and when relaxed on the caller's.
    sqlite_store(sqlite_options how, answer report);
    /// Writes what was gathered first.
    ~sqlite_store() override;

    [[nodiscard]] identity who() const noexcept override { return jobs_.who; }
    std::vector<job_row> recover() override;
    void persist(const job_row_view& row) override;
    void forget(job_number job) override;
    void commit() override;

  private:
    using change = std::variant<job_row, job_number>;  // to keep, to forget

    void work(const std::stop_token& stop);
    [[nodiscard]] std::vector<change> take_some();
    void write(std::vector<change>& some);
    void apply(const change& one);
    void write_back_log(bool idle);
    void lose_disk(const sqlite_failure& why);
    void fail(const std::vector<change>& some, const sqlite_failure& why);
    void tell(const std::vector<change>& of, const basic_result<void>& result) const;

    sqlite_options how_;
    answer report_;
    job_file jobs_;
    sqlite_statement insert_;
    sqlite_statement remove_;

    std::vector<change> gathered_;  // the caller's

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<change> waiting_;  // handed over, under the mutex

    std::vector<job_number> unforgotten_;  // what could not be removed yet; the thread's
    bool log_has_pages_ = false;           // the thread's
    std::jthread thread_;
};

}  // namespace sheaf::store
