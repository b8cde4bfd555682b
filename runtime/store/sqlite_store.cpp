#include "store/sqlite_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sqlite3.h>
#include <utility>

#include "base/log.hpp"

namespace sheaf::store {
namespace {

// What is committed at once: enough that the disk's time is shared by many, little enough that none waits long.
constexpr std::size_t batch_jobs_max = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;

// The log is written back to the database when it is so long, or when there has been nothing else to do for a while.
constexpr std::int64_t log_bytes_max = std::int64_t{64} << 20;
constexpr std::chrono::seconds idle_time{1};

constexpr int exit_software = 70;

std::int64_t nanoseconds_of(std::chrono::system_clock::time_point at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

std::chrono::system_clock::time_point time_of(std::int64_t nanoseconds) {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(nanoseconds)));
}

// The kernel may have dropped what it could not write, and says so once.
bool is_lost_disk(const sqlite_failure& why) {
    return why.code() == SQLITE_IOERR_FSYNC || why.code() == SQLITE_IOERR_DIR_FSYNC;
}

void end_process(const std::string& why) {
    spdlog::critical("{}", why);
    spdlog::shutdown();
    std::_Exit(exit_software);
}

error refusal(const sqlite_failure& why) {
    const bool full = (why.code() & 0xff) == SQLITE_FULL;
    return {errc::io_error,
            (full ? "store_full: no space for the job on the server's disk (" : "store_io: the job cannot be kept (") +
                std::string(why.what()) + ")"};
}

}  // namespace

sqlite_store::sqlite_store(sqlite_options how, answer report)
    : how_(std::move(how)),
      report_(std::move(report)),
      jobs_(open_job_file(how_.directory, how_.relaxed)),
      insert_(jobs_.file.prepare(
          "INSERT OR REPLACE INTO job (id, function, unique_key, reducer, priority, run_at, payload) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")),
      remove_(jobs_.file.prepare("DELETE FROM job WHERE id = ?")) {
    if (how_.pages_max != 0) jobs_.file.run(("PRAGMA max_page_count = " + std::to_string(how_.pages_max)).c_str());
    if (!how_.on_lost_disk) how_.on_lost_disk = &end_process;
}

sqlite_store::~sqlite_store() {
    commit();
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

std::vector<job_row> sqlite_store::recover() {
    std::vector<job_row> all;
    sqlite_statement rows =
        jobs_.file.prepare("SELECT id, function, unique_key, reducer, priority, run_at, payload FROM job ORDER BY id");
    while (rows.step()) {
        all.push_back({.id = static_cast<job_number>(rows.number(0)),
                       .function = std::string(rows.bytes(1)),
                       .unique = std::string(rows.bytes(2)),
                       .reducer = std::string(rows.bytes(3)),
                       .priority = static_cast<std::uint8_t>(rows.number(4)),
                       .run_at = time_of(rows.number(5)),
                       .payload = shared_bytes(std::string(rows.bytes(6)))});
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    return all;
}

void sqlite_store::persist(const job_row_view& row) {
    gathered_.emplace_back(job_row{.id = row.id,
                                   .function = std::string(row.function),
                                   .unique = std::string(row.unique),
                                   .reducer = std::string(row.reducer),
                                   .priority = row.priority,
                                   .run_at = row.run_at,
                                   .payload = row.payload});
}

void sqlite_store::forget(job_number job) { gathered_.emplace_back(job); }

void sqlite_store::commit() {
    if (gathered_.empty()) return;
    if (how_.relaxed) tell(gathered_, {});
    {
        const std::lock_guard held(mutex_);
        waiting_.insert(waiting_.end(), std::move_iterator(gathered_.begin()), std::move_iterator(gathered_.end()));
    }
    gathered_.clear();
    wake_.notify_one();
}

// ---- On the thread.

void sqlite_store::work(const std::stop_token& stop) {
    for (;;) {
        std::vector<change> some = take_some();
        if (some.empty()) {
            std::unique_lock held(mutex_);
            const auto is_there = [this] { return !waiting_.empty(); };
            if (log_has_pages_) {
                if (wake_.wait_for(held, stop, idle_time, is_there)) continue;
                held.unlock();
                if (!stop.stop_requested()) write_back_log(true);
            } else if (wake_.wait(held, stop, is_there)) {
                continue;
            }
            if (stop.stop_requested()) return;
            continue;
        }
        write(some);
    }
}

std::vector<sqlite_store::change> sqlite_store::take_some() {
    const std::lock_guard held(mutex_);
    std::vector<change> some;
    for (std::size_t bytes = 0; !waiting_.empty() && some.size() < batch_jobs_max && bytes < batch_bytes_max;) {
        if (const auto* const row = std::get_if<job_row>(&waiting_.front())) bytes += row->payload.size();
        some.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return some;
}

void sqlite_store::write(std::vector<change>& some) {
    try {
        jobs_.file.run("BEGIN IMMEDIATE");
        for (const job_number job : unforgotten_) apply(job);
        for (const change& one : some) apply(one);
        jobs_.file.run("COMMIT");
    } catch (const sqlite_failure& why) {
        jobs_.file.roll_back();
        return fail(some, why);
    }
    unforgotten_.clear();
    log_has_pages_ = true;
    if (!how_.relaxed) tell(some, {});
    write_back_log(false);
}

void sqlite_store::apply(const change& one) {
    if (const auto* const job = std::get_if<job_number>(&one)) {
        return remove_.bind(1, static_cast<std::int64_t>(*job)).run();
    }
    const job_row& row = std::get<job_row>(one);
    insert_.bind(1, static_cast<std::int64_t>(row.id))
        .bind(2, row.function)
        .bind(3, row.unique)
        .bind(4, row.reducer)
        .bind(5, std::int64_t{row.priority})
        .bind(6, nanoseconds_of(row.run_at))
        .bind(7, row.payload.view())
        .run();
}

// What the log has gets to its place in the file, and the log begins at its front again.
void sqlite_store::write_back_log(bool idle) {
    if (!idle && jobs_.file.log_bytes() < log_bytes_max) return;
    log_has_pages_ = false;
    try {
        jobs_.file.write_back_log();
    } catch (const sqlite_failure& why) {
        if (is_lost_disk(why)) return lose_disk(why);
        spdlog::warn("the queue's log stays as it is for now: {}", why.what());
    }
}

// Nothing of `some` is kept. What was to be forgotten is so with the next batch that succeeds.
void sqlite_store::fail(const std::vector<change>& some, const sqlite_failure& why) {
    if (is_lost_disk(why)) return lose_disk(why);
    for (const change& one : some) {
        if (const auto* const job = std::get_if<job_number>(&one)) unforgotten_.push_back(*job);
    }
    spdlog::error("jobs are refused: {}", refusal(why).message);
    if (!how_.relaxed) tell(some, refusal(why));
}

void sqlite_store::lose_disk(const sqlite_failure& why) {
    how_.on_lost_disk("the disk of " + how_.directory.string() + " did not take what it was given (" + why.what() +
                      "). Nothing that it says from now on can be believed, so this server ends; what was acknowledged "
                      "comes back when it is started again.");
}

void sqlite_store::tell(const std::vector<change>& of, const basic_result<void>& result) const {
    std::vector<outcome> outcomes;
    for (const change& one : of) {
        if (const auto* const row = std::get_if<job_row>(&one)) outcomes.push_back({row->id, result});
    }
    if (!outcomes.empty()) report_(outcomes);
}

}  // namespace sheaf::store
