#include "store/sqlite_store.hpp"

#include <chrono>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "store/job_file_refusals.hpp"
#include "store/log_room.hpp"

namespace sheaf::store {
namespace {

// How long the lists of changes may be for their memory to be kept.
constexpr std::size_t kept_capacity = 8192;

// The log is also written back to the database when there has been nothing else to do for a while.
constexpr std::chrono::seconds idle_time{1};

constexpr int exit_software = 70;

void end_process(const std::string& why) {
    spdlog::critical("{}", why);
    spdlog::shutdown();
    std::_Exit(exit_software);
}

sqlite_options with_defaults(sqlite_options how) {
    if (!how.on_lost_disk) how.on_lost_disk = &end_process;
    return how;
}

// For what is done while the jobs are opened.
template <class F>
auto or_refuse(const std::filesystem::path& directory, F&& what) {
    try {
        return what();
    } catch (const sqlite_failure& why) {
        refuse_job_file(directory / job_file_name, why);
    }
}

// Where space is short, jobs need it more than the log does.
bool has_space_for_log(const std::filesystem::path& directory) {
    std::error_code why;
    const std::filesystem::space_info disk = std::filesystem::space(directory, why);
    return !why && disk.available / 16 >= static_cast<std::uintmax_t>(log_room::bytes_min);
}

}  // namespace

sqlite_store::sqlite_store(sqlite_options how, listener hears)
    : how_(with_defaults(std::move(how))),
      hears_(std::move(hears)),
      jobs_(open_job_file(how_.directory, how_.relaxed)),
      writer_(or_refuse(how_.directory, [this] { return sqlite_writer(jobs_.file, how_, hears_); })) {
    if (has_space_for_log(how_.directory)) {
        or_refuse(how_.directory, [this] { jobs_.file.lengthen_log(log_room::bytes_min); });
    }
    if (how_.pages_max != 0) jobs_.file.run(("PRAGMA max_page_count = " + std::to_string(how_.pages_max)).c_str());
}

sqlite_store::~sqlite_store() {
    commit();
    if (thread_.joinable()) stop();
    if (is_sound_) close();
}

void sqlite_store::stop() {
    {
        const std::lock_guard held(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    writer_.finish();
}

void sqlite_store::close() noexcept {
    try {
        close_job_file(jobs_.file);
    } catch (const sqlite_failure& why) {
        spdlog::warn("the queue in {} is closed with its log, which its next start needs: {}", how_.directory.string(),
                     why.what());
    }
}

kept_runs sqlite_store::recover_runs() {
    is_sound_ = false;
    kept_runs runs = or_refuse(how_.directory, [this] { return writer_.tables().runs(); });
    is_sound_ = true;
    return runs;
}

void sqlite_store::recover_each(const std::function<void(job_row&&)>& take) {
    is_sound_ = false;
    or_refuse(how_.directory, [&] { writer_.tables().jobs(take); });
    is_sound_ = true;
    thread_ = std::thread([this] { work(); });
}

void sqlite_store::persist(const job_row_view& row) {
    gathered_.emplace_back(job_row{.id = row.id,
                                   .function = std::string(row.function),
                                   .unique = std::string(row.unique),
                                   .reducer = std::string(row.reducer),
                                   .priority = row.priority,
                                   .run_at = row.run_at,
                                   .attempts = row.attempts,
                                   .losses = row.losses,
                                   .terms = std::string(row.terms),
                                   .payload = row.payload});
}

void sqlite_store::forget(job_number job) { gathered_.emplace_back(job); }

void sqlite_store::complete(result_row result) { gathered_.emplace_back(std::move(result)); }

void sqlite_store::bury(dead_letter letter) { gathered_.emplace_back(std::move(letter)); }

void sqlite_store::reschedule(const attempt_note& note) { gathered_.emplace_back(note); }

void sqlite_store::change_run(run_change change) { gathered_.emplace_back(std::move(change)); }

void sqlite_store::ask(ticket name, question what) { gathered_.emplace_back(asked{name, std::move(what)}); }

void sqlite_store::commit() {
    if (gathered_.empty()) return;
    if (how_.relaxed) batch_answers(hears_).jobs(gathered_, {});
    {
        const std::lock_guard held(mutex_);
        if (waiting_.empty()) {
            waiting_.swap(gathered_);
        } else {
            waiting_.insert(waiting_.end(), std::move_iterator(gathered_.begin()), std::move_iterator(gathered_.end()));
        }
    }
    gathered_.clear();
    wake_.notify_one();
}

// ---- On the thread.

void sqlite_store::work() {
    do {
        for (std::span<entry> some = take_some(); !some.empty() || writer_.is_backing_up(); some = take_some()) {
            if (!some.empty()) writer_.write(some);
            if (writer_.is_backing_up() && is_stopping()) writer_.give_up_backup();
            writer_.go_on_with_backup();
        }
    } while (wait());
}

bool sqlite_store::is_stopping() {
    const std::lock_guard held(mutex_);
    return stopping_;
}

// False when there is nothing left to do, ever.
bool sqlite_store::wait() {
    const auto is_due = [this] { return stopping_ || !waiting_.empty(); };
    std::unique_lock held(mutex_);
    if (writer_.has_more_to_write() && !wake_.wait_for(held, idle_time, is_due)) {
        held.unlock();
        writer_.rest();
        held.lock();
        if (writer_.waits_for_space() && !stopping_) return true;
    }
    wake_.wait(held, is_due);
    return !waiting_.empty();
}

// Good until the next call. A question that is asked alone is alone.
std::span<entry> sqlite_store::take_some() {
    if (taken_ == handed_over_.size()) take_waiting();
    const std::size_t first = taken_;
    std::size_t bytes = 0;
    while (taken_ != handed_over_.size() && taken_ - first < sqlite_writer::batch_jobs_max &&
           bytes < sqlite_writer::batch_bytes_max) {
        const entry& next = handed_over_[taken_];
        const bool is_alone = asks_alone(next);
        if (is_alone && taken_ != first) break;
        bytes += payload_size(next);
        ++taken_;
        if (is_alone) break;
    }
    return std::span(handed_over_).subspan(first, taken_ - first);
}

// The vectors change places, so that in the long run nothing is allocated for them.
void sqlite_store::take_waiting() {
    handed_over_.clear();
    taken_ = 0;
    if (handed_over_.capacity() > kept_capacity) handed_over_.shrink_to_fit();
    const std::lock_guard held(mutex_);
    handed_over_.swap(waiting_);
}

}  // namespace sheaf::store
