// The hub between broker and store: what is to be kept, and what comes of it.
#include <utility>

#include "base/log.hpp"
#include "broker/handle.hpp"
#include "server/hub.hpp"
#include "server/hub_terms.hpp"
#include "server/job_rows.hpp"
#include "server/run_rows.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"

namespace sheaf::server {
namespace {

// The store gives back one kind of name for three kinds of question.
constexpr store::ticket load_mark = store::ticket{1} << 63;
constexpr store::ticket submissions_mark = store::ticket{1} << 62;
constexpr store::ticket ends_mark = store::ticket{1} << 61;

// Of small jobs, what the server knows of each counts more than its payload.
constexpr std::size_t job_bytes = 512;

}  // namespace

std::unique_ptr<store::store> hub::make_store() {
    const store::shelf_limits shelf{.results_bytes_max = how_.results_bytes_max, .letters_max = how_.letters_max};
    if (!how_.keeps_jobs()) {
        return std::make_unique<store::memory_store>(
            store::listener{.outcomes = [this](auto outcomes) { answered(outcomes); },
                            .reply = [this](store::ticket name, store::reply what) { replied(name, std::move(what)); }},
            shelf);
    }
    const store::sqlite_options options{.directory = how_.data_directory,
                                        .relaxed = how_.kept == runtime::durability::relaxed,
                                        .shelf = shelf,
                                        .on_unwritten_ends = how_.on_unwritten_ends};
    return std::make_unique<store::sqlite_store>(
        options,
        store::listener{
            .outcomes =
                [this](std::span<const store::outcome> outcomes) {
                    loop_.post([this, all = std::vector(outcomes.begin(), outcomes.end())] { answered(all); });
                },
            .reply =
                [this](store::ticket name, store::reply what) {
                    loop_.post([this, name, said = std::move(what)]() mutable { replied(name, std::move(said)); });
                }});
}

void hub::restore_jobs() {
    for (const broker::restored_run& one : restored(store_->recover_runs())) core_.restore_run(one, now());
    std::size_t jobs = 0;
    store_->recover_each([&](store::job_row&& row) {
        core_.restore(record_of(std::move(row)), now());
        ++jobs;
    });
    if (jobs != 0) spdlog::info("{} {} back from {}", jobs, jobs == 1 ? "job is" : "jobs are", how_.data_directory);
}

void hub::persist(const broker::job_record& record) {
    uncommitted_ = true;
    store_->persist({.id = record.id.value(),
                     .function = record.function,
                     .unique = record.unique,
                     .reducer = record.reducer,
                     .priority = static_cast<std::uint8_t>(record.priority),
                     .run_at = record.run_at,
                     .attempts = record.attempts,
                     .losses = record.losses,
                     .terms = record.terms,
                     .payload = record.payload});
    count_submitted(record.payload.size());
}

void hub::count_submitted(std::size_t bytes) {
    if (!submissions_.give(bytes + job_bytes)) return;
    // Jobs that were acknowledged before they are written wait for space; others are refused.
    const bool waits = how_.kept == runtime::durability::relaxed;
    ask(submissions_mark, waits ? store::question(store::ends_written{}) : store::is_written{});
}

// Apart from those, since a disk that is full refuses submissions, and has to take these in the end.
void hub::count_ended(std::size_t bytes) {
    uncommitted_ = true;
    if (ends_.give(bytes + job_bytes)) ask(ends_mark, store::ends_written{});
}

void hub::complete(const broker::job_record& job, const broker::job_result& result) {
    store_->complete(row_of(job, result));
    count_ended(result.data.size());
}

void hub::bury(const broker::job_record& job, const broker::cause_of_death& why) {
    store_->bury(letter_of(job, why));
    count_ended(job.payload.size() + why.log.size() + why.exception.size());
}

void hub::reschedule(const broker::job_record& job) {
    store_->reschedule({.id = job.id.value(), .attempts = job.attempts, .losses = job.losses, .run_at = job.run_at});
    count_ended(0);
}

// Always answered later: the broker may not be called back from here.
void hub::serve(broker::service_ticket name, const broker::service_question& question) {
    auto next = desk_.begin(name, question, now().wall);
    if (auto* const asked = std::get_if<store::question>(&next)) return ask(name, std::move(*asked));
    loop_.post([this, name, answer = std::get<broker::service_answer>(std::move(next))] {
        core_.served(name, answer, now());
    });
}

void hub::load(broker::load_ticket name, std::span<const broker::job_id> jobs) {
    store::load_jobs wanted;
    wanted.ids.reserve(jobs.size());
    for (const broker::job_id job : jobs) wanted.ids.push_back(job.value());
    ask(name | load_mark, std::move(wanted));
}

void hub::loaded(broker::load_ticket name, store::reply what) {
    auto* const rows = std::get_if<store::loaded>(&what);
    if (rows == nullptr) {
        const auto* const why = std::get_if<error>(&what);
        spdlog::error("jobs cannot be read from the queue, and wait: {}", why == nullptr ? "no answer" : why->message);
        return core_.load_failed(name, now());
    }
    std::vector<broker::job_record> records;
    records.reserve(rows->jobs.size());
    for (store::job_row& row : rows->jobs) records.push_back(record_of(std::move(row)));
    core_.loaded(name, records, now());
}

void hub::missing(broker::job_id job) {
    spdlog::error("the queue in {} has lost job {}, which it was to keep", how_.data_directory,
                  std::string_view(broker::handle_text(prefix_of(how_, store_->who()), job)));
}

void hub::replied(store::ticket name, store::reply what) {
    if (name == submissions_mark || name == ends_mark) {
        (name == ends_mark ? ends_ : submissions_).reached();
        return hold_or_let_go();
    }
    if ((name & load_mark) != 0) return loaded(name & ~load_mark, std::move(what));
    service_desk::finished done = desk_.end(name, std::move(what));
    answered(done.outcomes);
    if (!done.letters.empty()) done.next = desk_.take_letters(name, revive(std::move(done.letters)));
    if (auto* const more = std::get_if<store::question>(&done.next)) return ask(name, std::move(*more));
    core_.served(name, std::get<broker::service_answer>(done.next), now());
}

// Those that the broker has taken.
std::vector<store::job_number> hub::revive(std::vector<store::job_row> letters) {
    std::vector<store::job_number> taken;
    for (store::job_row& row : letters) {
        const store::job_number id = row.id;
        if (core_.revive(record_of(std::move(row)), now())) taken.push_back(id);
    }
    return taken;
}

void hub::ask(store::ticket name, store::question what) {
    uncommitted_ = true;
    store_->ask(name, std::move(what));
}

void hub::change_run(const broker::run_change& change) {
    std::size_t bytes = 0;
    for (const broker::job_record& one : change.jobs) bytes += one.payload.size() + job_bytes;
    for (const broker::part_record& one : change.parts) bytes += one.bytes.size();
    store_->change_run(row_of(change));
    uncommitted_ = true;
    change.begins ? count_submitted(bytes) : count_ended(bytes);
}

void hub::forget(broker::job_id job) {
    store_->forget(job.value());
    count_ended(0);
}

void hub::answered(std::span<const store::outcome> outcomes) {
    for (const store::outcome& one : outcomes) {
        const broker::job_id job{one.id};
        if (one.payload) {
            core_.gathered(job, *one.payload, now());
        } else if (one.result) {
            core_.stored(job, now());
        } else {
            core_.store_failed(job, one.result.error().message, now());
        }
    }
}

}  // namespace sheaf::server
