#include "store/sqlite_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <sqlite3.h>
#include <unordered_set>
#include <utility>

#include "base/log.hpp"
#include "store/job_file_refusals.hpp"

namespace sheaf::store {
namespace {

// What is committed at once: enough that the disk's time is shared by many, little enough that none waits long.
constexpr std::size_t batch_jobs_max = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;

// How long the lists of changes may be for their memory to be kept.
constexpr std::size_t kept_capacity = 8192;

// The log is also written back to the database when there has been nothing else to do for a while.
constexpr std::chrono::seconds idle_time{1};

constexpr int exit_software = 70;

// The kernel may have dropped what it could not write, and says so once.
bool is_lost_disk(const sqlite_failure& why) {
    return why.code() == SQLITE_IOERR_FSYNC || why.code() == SQLITE_IOERR_DIR_FSYNC;
}

void end_process(const std::string& why) {
    spdlog::critical("{}", why);
    spdlog::shutdown();
    std::_Exit(exit_software);
}

bool is_full(const sqlite_failure& why) { return (why.code() & 0xff) == SQLITE_FULL; }

error refusal_of(const question& what, const sqlite_failure& why) {
    const bool changes = std::holds_alternative<revive>(what) || std::holds_alternative<purge>(what) ||
                         std::holds_alternative<take_outcome>(what);
    const std::string said = std::string(" (") + why.what() + ")";
    if (changes && is_full(why)) {
        return {errc::io_error, "store_full: no space for that on the server's disk; make some, and ask again" + said};
    }
    return {errc::io_error,
            (changes ? "store_io: the queue cannot be changed" : "store_io: the queue cannot be read") + said};
}

error refusal(const sqlite_failure& why) {
    return {errc::io_error, (is_full(why) ? "store_full: no space for the job on the server's disk ("
                                          : "store_io: the job cannot be kept (") +
                                std::string(why.what()) + ")"};
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

// How much memory an entry brings to its batch.
struct payload_size {
    std::size_t operator()(const job_row& row) const { return row.payload.size(); }
    std::size_t operator()(const result_row& result) const { return result.data.size(); }
    std::size_t operator()(const dead_letter& letter) const {
        return letter.job.payload.size() + letter.log.size() + letter.exception.size();
    }
    std::size_t operator()(const run_change& change) const {
        std::size_t size = 0;
        for (const job_row& one : change.jobs) size += one.payload.size();
        for (const part_row& one : change.parts) size += one.bytes.size();
        return size;
    }
    std::size_t operator()(const auto& /*small*/) const { return 0; }
};

struct is_refused_when_full {
    bool operator()(const job_row& /*row*/) const { return true; }
    bool operator()(const run_change& change) const { return change.begins.has_value(); }
    bool operator()(const auto& /*other*/) const { return false; }
};

// The jobs and runs that an entry is about.
struct add_names {
    std::unordered_set<job_number>& to;

    void operator()(const job_row& row) const { to.insert(row.id); }
    void operator()(job_number job) const { to.insert(job); }
    void operator()(const result_row& result) const { to.insert(result.id); }
    void operator()(const dead_letter& letter) const { to.insert(letter.job.id); }
    void operator()(const attempt_note& note) const { to.insert(note.id); }
    void operator()(const run_change& change) const {
        to.insert(change.run);
        to.insert(change.ended.begin(), change.ended.end());
        for (const job_row& one : change.jobs) to.insert(one.id);
        for (const gathered_row& one : change.gathered) to.insert(one.row.id);
    }
    void operator()(const auto& /*question*/) const {}
};

// Of what leaves more space than it takes: the job.
struct made_space_by {
    std::optional<job_number> operator()(job_number job) const { return job; }
    std::optional<job_number> operator()(const result_row& result) const {
        return result.data.empty() ? std::optional(result.id) : std::nullopt;
    }
    std::optional<job_number> operator()(const auto& /*other*/) const { return std::nullopt; }
};

// Where space is short, jobs need it more than the log does.
bool has_space_for_log(const std::filesystem::path& directory) {
    std::error_code why;
    const std::filesystem::space_info disk = std::filesystem::space(directory, why);
    return !why && disk.available / 16 >= static_cast<std::uintmax_t>(log_room::bytes_min);
}

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

}  // namespace

sqlite_store::sqlite_store(sqlite_options how, listener hears)
    : how_(std::move(how)),
      hears_(std::move(hears)),
      jobs_(open_job_file(how_.directory, how_.relaxed)),
      tables_(or_refuse(how_.directory, [this] { return sqlite_tables(jobs_.file, how_.shelf); })) {
    if (has_space_for_log(how_.directory)) {
        or_refuse(how_.directory, [this] { jobs_.file.lengthen_log(log_room::bytes_min); });
    }
    if (how_.pages_max != 0) jobs_.file.run(("PRAGMA max_page_count = " + std::to_string(how_.pages_max)).c_str());
    if (!how_.on_lost_disk) how_.on_lost_disk = &end_process;
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
    (void)write_late();
    if (!unwritten_.empty()) tell_unwritten();
}

void sqlite_store::close() noexcept {
    try {
        close_job_file(jobs_.file);
    } catch (const sqlite_failure& why) {
        spdlog::warn("the queue in {} is closed with its log, which its next start needs: {}", how_.directory.string(),
                     why.what());
    }
}

void sqlite_store::tell_unwritten() const {
    const auto count = [this](auto is_one) {
        return static_cast<std::size_t>(std::ranges::count_if(unwritten_, is_one));
    };
    const std::size_t jobs = count([](const entry& one) { return std::holds_alternative<job_row>(one); });
    const std::size_t notes = count([](const entry& one) { return std::holds_alternative<attempt_note>(one); });
    const std::size_t steps = count([](const entry& one) { return std::holds_alternative<run_change>(one); });
    const std::size_t ends = unwritten_.size() - jobs - notes - steps - count(&is_asked);
    const auto tell = [this](std::size_t how_many, const char* of_what) {
        if (how_many != 0)
            spdlog::error("there was no space in {} for {} {}", how_.directory.string(), how_many, of_what);
    };
    tell(jobs, "acknowledged jobs: they are lost");
    tell(ends, "ended jobs: they run again at the next start");
    tell(notes, "failed attempts: they do not count, and their jobs are due at once");
    tell(steps, "steps of runs: they are made again at the next start");
    if (const std::size_t all = jobs + ends + notes + steps; all != 0 && how_.on_unwritten_ends) {
        how_.on_unwritten_ends(all);
    }
}

kept_runs sqlite_store::recover_runs() {
    is_sound_ = false;
    kept_runs runs = or_refuse(how_.directory, [this] { return tables_.runs(); });
    is_sound_ = true;
    return runs;
}

void sqlite_store::recover_each(const std::function<void(job_row&&)>& take) {
    is_sound_ = false;
    or_refuse(how_.directory, [&] { tables_.jobs(take); });
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
    if (how_.relaxed) tell_rows(gathered_, {});
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
        for (std::span<entry> some = take_some(); !some.empty() || backup_; some = take_some()) {
            if (!some.empty()) write(some);
            if (backup_ && is_stopping()) backup_.reset();
            go_on_with_backup();
        }
    } while (wait());
}

bool sqlite_store::is_stopping() {
    const std::lock_guard held(mutex_);
    return stopping_;
}

void sqlite_store::go_on_with_backup() {
    if (!backup_) return;
    reply said = error{errc::io_error, "store_io: the copy was not finished"};
    try {
        if (!backup_->copy.go_on()) return;
        said = backed_up{.path = backup_->copy.target().string(), .bytes = backup_->copy.bytes()};
    } catch (const sqlite_failure& why) {
        said = error{errc::io_error, std::string("store_io: the copy was not finished (") + why.what() + ")"};
    }
    const ticket name = backup_->name;
    backup_.reset();
    hears_.reply(name, std::move(said));
}

// Copying goes on between batches; answered when it is done.
void sqlite_store::begin_backup(ticket name, const backup& what) {
    const std::filesystem::path directory = how_.directory / "backups";
    const std::filesystem::path target = directory / (what.name + ".sqlite");
    std::error_code why;
    std::filesystem::create_directories(directory, why);
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, why);
    if (backup_) return hears_.reply(name, error{errc::io_error, "another copy is being made; wait for it"});
    if (std::filesystem::exists(target, why)) {
        return hears_.reply(name, error{errc::io_error, target.string() + " is there; choose another name"});
    }
    try {
        backup_.emplace(name, sqlite_backup(jobs_.file, target));
    } catch (const sqlite_failure& failure) {
        hears_.reply(
            name, error{errc::io_error, "store_io: " + target.string() + " cannot be made (" + failure.what() + ")"});
    }
}

// False when there is nothing left to do, ever.
bool sqlite_store::wait() {
    const auto is_due = [this] { return stopping_ || !waiting_.empty(); };
    std::unique_lock held(mutex_);
    if ((log_has_pages_ || !unwritten_.empty()) && !wake_.wait_for(held, idle_time, is_due)) {
        held.unlock();
        (void)write_late();
        write_back_log();
        held.lock();
        if (!unwritten_.empty() && !stopping_) return true;
    }
    wake_.wait(held, is_due);
    return !waiting_.empty();
}

bool sqlite_store::is_asked(const entry& one) {
    const auto* const what = std::get_if<asked>(&one);
    return what != nullptr && (std::holds_alternative<is_written>(what->what) || is_asked_of_ends(one));
}

bool sqlite_store::is_asked_of_ends(const entry& one) {
    const auto* const what = std::get_if<asked>(&one);
    return what != nullptr && std::holds_alternative<ends_written>(what->what);
}

bool sqlite_store::is_asked_alone(const entry& one) { return std::holds_alternative<asked>(one) && !is_asked(one); }

// Good until the next call. A question is asked alone: it is answered with what was before it committed.
std::span<sqlite_store::entry> sqlite_store::take_some() {
    if (taken_ == handed_over_.size()) take_waiting();
    const std::size_t first = taken_;
    std::size_t bytes = 0;
    while (taken_ != handed_over_.size() && taken_ - first < batch_jobs_max && bytes < batch_bytes_max) {
        const entry& next = handed_over_[taken_];
        const bool is_question = is_asked_alone(next);
        if (is_question && taken_ != first) break;
        bytes += std::visit(payload_size{}, next);
        ++taken_;
        if (is_question) break;
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

void sqlite_store::write(std::span<entry> some) {
    const bool only_asks =
        std::ranges::all_of(some, [](const entry& one) { return std::holds_alternative<asked>(one); });
    if (only_asks) write_late_if_due();
    if (is_asked_alone(some.front())) return answer(std::get<asked>(some.front()));
    if (only_asks) {
        wait_for_ends(some);
    } else {
        write_changes(some);
    }
    tell_written(some);
}

// Nobody keeps what waits for space from being tried again by asking all the time.
void sqlite_store::write_late_if_due() {
    const auto now = std::chrono::steady_clock::now();
    if (unwritten_.empty() || now < late_at_) return;
    late_at_ = now + idle_time;
    (void)write_late();
}

// What is older goes first: while that has no place nothing new is kept.
void sqlite_store::write_changes(std::span<entry> some) {
    if (const auto why = write_late()) return fail(some, *why);
    if (const auto why = try_to_write(some)) return fail(some, *why);
    if (std::exchange(refuses_, false)) spdlog::info("jobs are kept again");
    if (!how_.relaxed) tell_rows(some, {});
    tell_changes(some);
    tell_ends(some);
    if (room_.is_full(jobs_.file.log_bytes())) write_back_log();
}

std::optional<sqlite_failure> sqlite_store::try_to_write(std::span<entry> some) {
    tables_.begin();
    try {
        begin_.run();
        for (entry& one : some) apply(one);
        tables_.tidy(std::chrono::system_clock::now());
        commit_.run();
    } catch (const sqlite_failure& why) {
        jobs_.file.roll_back();
        if (is_lost_disk(why)) lose_disk(why);
        tables_.undo();
        shorten_log();
        return why;
    }
    log_has_pages_ = true;
    return std::nullopt;
}

// A change that had no space has taken what there was for the log. Some of that is kept, for small changes.
void sqlite_store::shorten_log() {
    if (jobs_.file.log_file_bytes() <= 2 * log_room::bytes_min) return;
    try {
        jobs_.file.shorten_log();
        jobs_.file.lengthen_log(log_room::bytes_min);
        room_ = {};
    } catch (const sqlite_failure& why) {
        if (is_lost_disk(why)) lose_disk(why);
    }
}

void sqlite_store::apply(entry& one) {
    std::visit(
        overloaded{[this](const job_row& row) { tables_.keep(row); }, [this](job_number job) { tables_.forget(job); },
                   [this](const result_row& result) { tables_.complete(result); },
                   [this](const dead_letter& letter) { tables_.bury(letter); },
                   [this](const attempt_note& note) { tables_.reschedule(note); },
                   [this](run_change& change) { tables_.change_run(change); }, [](const asked&) {}},
        one);
}

// As a batch of its own, since some questions change what is there.
void sqlite_store::answer(const asked& one) {
    if (const auto* const copies = std::get_if<backup>(&one.what)) return begin_backup(one.name, *copies);
    if (auto known = answer_unwritten(one.what)) {
        if (hears_.reply) hears_.reply(one.name, *std::move(known));
        return;
    }
    reply said;
    tables_.begin();
    try {
        begin_.run();
        said = std::visit([this](const auto& what) { return tables_.answer(what); }, one.what);
        commit_.run();
        if (const auto* const lists = std::get_if<list_letters>(&one.what))
            list_unwritten(*lists, std::get<letter_list>(said));
    } catch (const sqlite_failure& why) {
        jobs_.file.roll_back();
        if (is_lost_disk(why)) lose_disk(why);
        tables_.undo();
        said = refusal_of(one.what, why);
    }
    if (hears_.reply) hears_.reply(one.name, std::move(said));
}

// What has ended, and could not be written yet, has ended all the same.
std::optional<reply> sqlite_store::answer_unwritten(const question& what) const {
    if (const auto* const load = std::get_if<load_jobs>(&what); load != nullptr && is_unwritten(*load)) {
        return error{errc::io_error, "store_full: these jobs wait for space on the disk"};
    }
    const bool takes_letters = std::holds_alternative<find_letters>(what) || std::holds_alternative<revive>(what) ||
                               std::holds_alternative<purge>(what);
    if (takes_letters &&
        std::ranges::any_of(unwritten_, [](const entry& one) { return std::holds_alternative<dead_letter>(one); })) {
        return error{errc::io_error,
                     "store_full: dead letters wait for space on the server's disk; make some, and ask again"};
    }
    const auto* const find = std::get_if<find_ended>(&what);
    if (find == nullptr) return std::nullopt;
    const auto is_it = [&](job_number id, const std::string& unique) {
        return find->id != 0 ? id == find->id : unique == find->unique;
    };
    for (auto at = unwritten_.rbegin(); at != unwritten_.rend(); ++at) {
        const auto* const result = std::get_if<result_row>(&*at);
        if (result != nullptr && is_it(result->id, result->unique)) return *result;
        const auto* const letter = std::get_if<dead_letter>(&*at);
        if (letter != nullptr && is_it(letter->job.id, letter->job.unique)) return *letter;
    }
    return std::nullopt;
}

// Those that were acknowledged before they were written.
bool sqlite_store::is_unwritten(const load_jobs& what) const {
    if (!how_.relaxed || unwritten_.empty()) return false;
    const std::unordered_set<job_number> wanted(what.ids.begin(), what.ids.end());
    return std::ranges::any_of(unwritten_, [&](const entry& one) {
        const auto* const row = std::get_if<job_row>(&one);
        return row != nullptr && wanted.contains(row->id);
    });
}

// They are the newest.
void sqlite_store::list_unwritten(const list_letters& what, letter_list& to) const {
    std::vector<dead_letter> newest;
    for (auto at = unwritten_.rbegin(); at != unwritten_.rend(); ++at) {
        const auto* const letter = std::get_if<dead_letter>(&*at);
        if (letter == nullptr || (!what.function.empty() && letter->job.function != what.function)) continue;
        ++to.total;
        if (newest.size() < what.most) newest.push_back(*letter);
    }
    to.letters.insert(to.letters.begin(), newest.begin(), newest.end());
    to.letters.resize(std::min(to.letters.size(), what.most));
}

// What the log has gets to its place in the file, and the log begins at its front again.
void sqlite_store::write_back_log() {
    log_has_pages_ = false;
    try {
        jobs_.file.write_back_log();
        log_stays_ = false;
    } catch (const sqlite_failure& why) {
        if (is_lost_disk(why)) return lose_disk(why);
        if (!std::exchange(log_stays_, true)) spdlog::warn("the queue's log stays as it is for now: {}", why.what());
        room_.stay();
    }
}

// No job of `some` is kept, and no run begins. The ends of others are written alone, which makes room, or with the next batch
// that succeeds; so are the steps of runs.
void sqlite_store::fail(std::span<entry> some, const sqlite_failure& why) {
    if (!std::exchange(refuses_, true)) spdlog::error("jobs are refused: {}", refusal(why).message);
    if (!how_.relaxed) tell_rows(some, refusal(why));
    tell_refused_runs(some, refusal(why));
    std::vector<entry> later;
    for (entry& one : some) {
        // Jobs that have been answered for already are written as soon as there is space.
        const bool is_answered = how_.relaxed && std::holds_alternative<job_row>(one);
        if (is_asked(one) && !is_asked_of_ends(one)) continue;
        if (is_answered || !std::visit(is_refused_when_full{}, one)) later.push_back(std::move(one));
    }
    keep_for_later(std::move(later));
    (void)write_late();
    tell_first_ends();
}

void sqlite_store::tell_first_ends() {
    const auto first_change = std::ranges::find_if_not(unwritten_, &is_asked);
    tell_ends({unwritten_.begin(), first_change});
    unwritten_.erase(unwritten_.begin(), first_change);
}

// In portions, the oldest first, so that whatever there is space for has its place.
std::optional<sqlite_failure> sqlite_store::write_late() {
    std::optional<sqlite_failure> why;
    std::size_t first = 0;
    while (first != unwritten_.size()) {
        const std::span<entry> some = late_portion(first);
        why = try_to_write(some);
        if (why && some.size() == 1) break;
        late_most_ = why ? some.size() / 2 : std::min(late_most_ * 2, batch_jobs_max);
        if (why) continue;
        tell_changes(some);
        tell_ends(some);
        first += some.size();
        write_back_log();  // else it takes the space a second time
    }
    late_most_ = why ? 1 : batch_jobs_max;
    unwritten_.erase(unwritten_.begin(), unwritten_.begin() + static_cast<std::ptrdiff_t>(first));
    return why;
}

std::span<sqlite_store::entry> sqlite_store::late_portion(std::size_t first) {
    std::size_t bytes = 0;
    std::size_t end = first;
    while (end != unwritten_.size() && end - first < late_most_ && bytes < batch_bytes_max) {
        bytes += std::visit(payload_size{}, unwritten_[end++]);
    }
    return std::span(unwritten_).subspan(first, end - first);
}

// At the end, but for what makes space: that comes to the front, unless something is unwritten of the same job.
void sqlite_store::keep_for_later(std::vector<entry> some) {
    std::unordered_set<job_number> named;
    const auto is_spacious = [](const entry& one) { return std::visit(made_space_by{}, one).has_value(); };
    if (std::ranges::any_of(some, is_spacious)) {
        for (const entry& one : unwritten_) std::visit(add_names{named}, one);
    }
    std::vector<entry> spacious;
    std::vector<entry> others;
    for (entry& one : some) {
        const auto job = std::visit(made_space_by{}, one);
        const bool is_first = job && !named.contains(*job);
        std::visit(add_names{named}, one);
        (is_first ? spacious : others).push_back(std::move(one));
    }
    unwritten_.insert(unwritten_.begin(), std::move_iterator(spacious.begin()), std::move_iterator(spacious.end()));
    unwritten_.insert(unwritten_.end(), std::move_iterator(others.begin()), std::move_iterator(others.end()));
}

// With no change beside them: they have a place behind what is unwritten.
void sqlite_store::wait_for_ends(std::span<entry> questions) {
    if (unwritten_.empty()) return tell_ends(questions);
    for (entry& one : questions) {
        if (is_asked_of_ends(one)) unwritten_.push_back(std::move(one));
    }
}

void sqlite_store::lose_disk(const sqlite_failure& why) {
    how_.on_lost_disk("the disk of " + how_.directory.string() + " did not take what it was given (" + why.what() +
                      "). Nothing that it says from now on can be believed, so this server ends; what was acknowledged "
                      "comes back when it is started again.");
}

void sqlite_store::tell_rows(std::span<const entry> of, const basic_result<void>& result) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        if (const auto* const row = std::get_if<job_row>(&one)) outcomes.push_back({.id = row->id, .result = result});
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

// Of the questions in a batch: what came before them has been dealt with now.
void sqlite_store::tell_written(std::span<const entry> of) const {
    for (const entry& one : of) {
        if (!is_asked(one) || is_asked_of_ends(one) || !hears_.reply) continue;
        hears_.reply(std::get<asked>(one).name,
                     unwritten_.empty() ? reply{}
                                        : error{errc::io_error,
                                                "store_full: it is done, and will be on the disk when there "
                                                "is space; a crash before that undoes it"});
    }
}

void sqlite_store::tell_ends(std::span<const entry> of) const {
    if (!hears_.reply) return;
    for (const entry& one : of) {
        if (is_asked_of_ends(one)) hears_.reply(std::get<asked>(one).name, {});
    }
}

void sqlite_store::tell_changes(std::span<const entry> of) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        if (const auto* const change = std::get_if<run_change>(&one)) add_outcomes(*change, outcomes);
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

void sqlite_store::tell_refused_runs(std::span<const entry> of, const error& why) const {
    std::vector<outcome> outcomes;
    for (const entry& one : of) {
        const auto* const change = std::get_if<run_change>(&one);
        if (change == nullptr || !change->begins) continue;
        outcomes.push_back({.id = change->run, .result = why});
        for (const job_row& row : change->jobs) outcomes.push_back({.id = row.id, .result = why});
    }
    if (!outcomes.empty()) hears_.outcomes(outcomes);
}

}  // namespace sheaf::store
