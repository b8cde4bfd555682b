#include "store/sqlite_writer.hpp"

#include <algorithm>
#include <sqlite3.h>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace sheaf::store {
namespace {

// Nobody keeps what waits for space from being tried again by asking all the time.
constexpr std::chrono::seconds late_interval{1};

// Of dead letters, when there is no space to take all of them away.
constexpr std::size_t purged_at_once = 64;

// The kernel may have dropped what it could not write, and says so once.
bool is_lost_disk(const sqlite_failure& why) {
    return why.code() == SQLITE_IOERR_FSYNC || why.code() == SQLITE_IOERR_DIR_FSYNC;
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

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

}  // namespace

sqlite_writer::sqlite_writer(sqlite_file& file, const sqlite_options& how, const listener& hears)
    : how_(how),
      file_(file),
      tell_(hears),
      tables_(file, how.shelf),
      begin_(file.prepare("BEGIN IMMEDIATE")),
      commit_(file.prepare("COMMIT")),
      backup_(file, how.directory / "backups", tell_) {}

void sqlite_writer::write(std::span<entry> some) {
    const bool only_asks = std::ranges::all_of(some, &is_question);
    if (only_asks) write_late_if_due();
    if (asks_alone(some.front())) return answer(std::get<asked>(some.front()));
    if (only_asks) {
        wait_for_ends(some);
    } else {
        write_changes(some);
    }
    tell_.written(some, unwritten_.empty());
}

void sqlite_writer::answer(const asked& one) {
    if (const auto* const copies = std::get_if<backup>(&one.what)) return backup_.begin(one.name, *copies);
    if (auto known = unwritten_.answer(one.what)) return tell_.question(one.name, *std::move(known));
    std::optional<sqlite_failure> why;
    reply said = try_to_answer(one.what, why);
    if (const auto* const letters = std::get_if<purge>(&one.what); letters != nullptr && why && is_full(*why)) {
        said = purge_in_portions(*letters, why);
    }
    if (const auto* const lists = std::get_if<list_letters>(&one.what); lists != nullptr && !why) {
        unwritten_.list_letters_to(*lists, std::get<letter_list>(said));
    }
    tell_.question(one.name, std::move(said));
}

// As a batch of its own, since some questions change what is there.
reply sqlite_writer::try_to_answer(const question& what, std::optional<sqlite_failure>& why) {
    why.reset();
    tables_.begin();
    try {
        begin_.run();
        reply said = std::visit([this](const auto& one) { return tables_.answer(one); }, what);
        commit_.run();
        return said;
    } catch (const sqlite_failure& failure) {
        roll_back(failure);
        why = failure;
        return refusal_of(what, failure);
    }
}

// Where there is no space to take all of them away there is some to take away a few, which makes more.
reply sqlite_writer::purge_in_portions(purge what, std::optional<sqlite_failure>& why) {
    purged all;
    what.most = purged_at_once;
    while (what.most != 0) {
        const reply said = try_to_answer(what, why);
        if (why) {
            what.most /= 2;
            continue;
        }
        const std::uint64_t some = std::get<purged>(said).letters;
        all.letters += some;
        write_back_log();  // else it takes space a second time
        if (some < what.most) return all;
    }
    error refusal = refusal_of(what, *why);
    if (all.letters != 0) refusal.message += "; " + std::to_string(all.letters) + " are gone";
    return refusal;
}

// With no change beside them: they have a place behind what is unwritten.
void sqlite_writer::wait_for_ends(std::span<entry> questions) {
    if (unwritten_.empty()) return tell_.ends(questions);
    for (entry& one : questions) {
        if (asks_for_ends(one)) unwritten_.keep_question(std::move(one));
    }
}

// What is older goes first: while that has no place nothing new is kept.
void sqlite_writer::write_changes(std::span<entry> some) {
    if (const auto why = write_late()) return refuse(some, *why);
    if (const auto why = try_to_write(some)) return refuse(some, *why);
    if (std::exchange(refuses_, false)) spdlog::info("jobs are kept again");
    if (!how_.relaxed) tell_.jobs(some, {});
    tell_.steps(some);
    tell_.ends(some);
    if (room_.is_full(file_.log_bytes())) write_back_log();
}

std::optional<sqlite_failure> sqlite_writer::try_to_write(std::span<entry> some) {
    tables_.begin();
    try {
        begin_.run();
        for (entry& one : some) apply(one);
        tables_.tidy(std::chrono::system_clock::now());
        commit_.run();
    } catch (const sqlite_failure& why) {
        roll_back(why);
        shorten_log();
        return why;
    }
    log_has_pages_ = true;
    return std::nullopt;
}

void sqlite_writer::apply(entry& one) {
    std::visit(
        overloaded{[this](const job_row& row) { tables_.keep(row); }, [this](job_number job) { tables_.forget(job); },
                   [this](const result_row& result) { tables_.complete(result); },
                   [this](const dead_letter& letter) { tables_.bury(letter); },
                   [this](const attempt_note& note) { tables_.reschedule(note); },
                   [this](run_change& change) { tables_.change_run(change); }, [](const asked& /*question*/) {}},
        one);
}

void sqlite_writer::roll_back(const sqlite_failure& why) {
    file_.roll_back();
    if (is_lost_disk(why)) lose_disk(why);
    tables_.undo();
}

// No job of `some` is kept, and no run begins. The ends of others are written alone, which makes room, or with the next batch
// that succeeds; so are the steps of runs.
void sqlite_writer::refuse(std::span<entry> some, const sqlite_failure& why) {
    if (!std::exchange(refuses_, true)) spdlog::error("jobs are refused: {}", refusal(why).message);
    if (!how_.relaxed) tell_.jobs(some, refusal(why));
    tell_.refused_runs(some, refusal(why));
    std::vector<entry> later;
    for (entry& one : some) {
        // Jobs that have been answered for already are written as soon as there is space.
        const bool is_answered = how_.relaxed && std::holds_alternative<job_row>(one);
        const bool waits = is_question(one) ? asks_for_ends(one) : is_answered || !may_be_refused(one);
        if (waits) later.push_back(std::move(one));
    }
    unwritten_.keep(std::move(later));
    (void)write_late();
    tell_.ends(unwritten_.take_first_questions());
}

// Until all is written, or what there is no space for is the first.
std::optional<sqlite_failure> sqlite_writer::write_late() {
    std::optional<sqlite_failure> why;
    unwritten_.write_with([&](std::span<entry> some) {
        why = try_to_write(some);
        if (why) return false;
        tell_.steps(some);
        tell_.ends(some);
        write_back_log();  // else it takes the space a second time
        return true;
    });
    return why;
}

void sqlite_writer::write_late_if_due() {
    const auto now = std::chrono::steady_clock::now();
    if (unwritten_.empty() || now < late_at_) return;
    late_at_ = now + late_interval;
    (void)write_late();
}

void sqlite_writer::rest() {
    (void)write_late();
    write_back_log();
}

// What the log has gets to its place in the file, and the log begins at its front again.
void sqlite_writer::write_back_log() {
    log_has_pages_ = false;
    try {
        file_.write_back_log();
        log_stays_ = false;
    } catch (const sqlite_failure& why) {
        if (is_lost_disk(why)) return lose_disk(why);
        if (!std::exchange(log_stays_, true)) spdlog::warn("the queue's log stays as it is for now: {}", why.what());
        room_.stay();
    }
}

// A change that had no space has taken what there was for the log. Some of that is kept, for small changes.
void sqlite_writer::shorten_log() {
    if (file_.log_file_bytes() <= 2 * log_room::bytes_min) return;
    try {
        file_.shorten_log();
        file_.lengthen_log(log_room::bytes_min);
        room_ = {};
    } catch (const sqlite_failure& why) {
        if (is_lost_disk(why)) lose_disk(why);
    }
}

void sqlite_writer::lose_disk(const sqlite_failure& why) {
    how_.on_lost_disk("the disk of " + how_.directory.string() + " did not take what it was given (" + why.what() +
                      "). Nothing that it says from now on can be believed, so this server ends; what was acknowledged "
                      "comes back when it is started again.");
}

void sqlite_writer::finish() {
    (void)write_late();
    tell_unwritten();
}

void sqlite_writer::tell_unwritten() const {
    const unwritten_counts counts = unwritten_.counts();
    const auto tell = [this](std::size_t how_many, const char* of_what) {
        if (how_many != 0)
            spdlog::error("there was no space in {} for {} {}", how_.directory.string(), how_many, of_what);
    };
    tell(counts.jobs, "acknowledged jobs: they are lost");
    tell(counts.ends, "ended jobs: they run again at the next start");
    tell(counts.notes, "failed attempts: they do not count, and their jobs are due at once");
    tell(counts.steps, "steps of runs: they are made again at the next start");
    if (counts.all() != 0 && how_.on_unwritten_ends) how_.on_unwritten_ends(counts.all());
}

}  // namespace sheaf::store
