#include "server/service_desk.hpp"

#include <utility>

#include "base/plain_name.hpp"
#include "base/take_until.hpp"
#include "broker/describe.hpp"
#include "broker/handle.hpp"
#include "server/ended_jobs.hpp"
#include "server/run_rows.hpp"

namespace sheaf::server {
namespace {

using broker::service_answer;
using about = broker::service_question::about;
using kind = service_answer::kind;

service_answer refuse(std::string code, std::string why) {
    return {.what = kind::refused, .code = std::move(code), .why = std::move(why)};
}

service_answer text(const std::string& json) { return {.what = kind::text, .data = shared_bytes(json)}; }

// So that it is in its directory, and seen there.
bool is_file_name(std::string_view name) {
    constexpr std::size_t size_max = 100;
    return is_plain_name(name, size_max) && name.front() != '.';
}

// What was done before stays done.
service_answer stop_retry(const letter_retry& one, const error& why) {
    const std::uint64_t jobs = one.count().jobs;
    if (jobs == 0) return refuse("QUEUE_ERROR", why.message);
    return refuse("QUEUE_ERROR", why.message + "; before that " + std::to_string(jobs) +
                                     (jobs == 1 ? " dead letter has become a job" : " dead letters have become jobs") +
                                     " again, and the others stay");
}

service_answer unknown_job() { return refuse("UNKNOWN_JOB", std::string(broker::unknown_job_text)); }

service_answer end_with(const store::result_row& result) {
    if (!result.is_whole()) {
        return refuse("RESULT_GONE", "The job has completed, but its result of " + std::to_string(result.bytes) +
                                         " bytes was too large to be kept (see --result-bytes)");
    }
    return {.what = kind::completed, .id = broker::job_id{result.id}, .data = result.data};
}

service_answer end_with(const store::dead_letter& letter) {
    return {.what = kind::failed, .id = broker::job_id{letter.job.id}, .data = letter.exception};
}

}  // namespace

std::string handle_codec::write(std::uint64_t job) const {
    return std::string(std::string_view(broker::handle_text(prefix, broker::job_id{job})));
}

std::optional<std::uint64_t> handle_codec::read(std::string_view handle) const {
    const auto id = broker::parse_handle(prefix, handle);
    return id ? std::optional(id->value()) : std::nullopt;
}

service_desk::next_step service_desk::begin(broker::service_ticket name, const broker::service_question& asked,
                                            store::wall_time now) {
    open note{.what = asked.what, .asked = now};
    next_step next;
    switch (asked.what) {
        case about::result:
        case about::job:
            next = store::find_ended{.id = asked.id.value(), .unique = std::string(asked.unique), .now = now};
            break;
        case about::run:
            note.run = asked.id;
            note.taker = asked.unique;
            next = store::take_outcome{.run = asked.id.value(), .taker = note.taker};
            break;
        case about::written:
            next = store::is_written{};
            note.text = asked.text;
            break;
        case about::letters: next = begin_letters(asked.text, now, note); break;
        case about::queue: next = begin_queue(asked.text, now); break;
    }
    if (std::holds_alternative<store::question>(next)) open_.emplace(name, std::move(note));
    return next;
}

// Nothing, "about", or "backup NAME". Jobs are counted one by one: who wants to know the rest does not have that done.
service_desk::next_step service_desk::begin_queue(std::string_view words, store::wall_time now) const {
    if (words.empty()) return store::count_rows{};
    if (words == "about") return text(json_of(facts_, now));
    const std::string_view verb = take_until(words, ' ');
    if (verb == "backup" && is_file_name(words)) return store::backup{std::string(words)};
    return refuse("INVALID_ARGUMENT",
                  "sheaf.queue takes nothing, about, or backup NAME, where a name is letters, digits, dots, dashes and "
                  "underscores");
}

// "list [FUNCTION]", "show ADDRESS", "retry ADDRESS", "retry all [FUNCTION]", and the same with purge.
service_desk::next_step service_desk::begin_letters(std::string_view words, store::wall_time now, open& note) const {
    const std::string_view verb = take_until(words, ' ');
    if (verb == "list") return store::list_letters{.function = std::string(words)};
    if (const auto which = choose(words)) {
        note.shows_letter = verb == "show";
        const bool is_one = which->id != 0 || !which->unique.empty();
        if (verb == "show" && is_one) return store::find_ended{.id = which->id, .unique = which->unique, .now = now};
        if (verb == "retry") return note.retry.emplace(*which).next();
        if (verb == "purge") return store::purge{*which};
    } else if (!words.empty() && (verb == "show" || verb == "retry" || verb == "purge")) {
        return unknown_job();  // a handle of another server's, perhaps
    }
    return refuse(
        "INVALID_ARGUMENT",
        "sheaf.dead takes: list [FUNCTION], show HANDLE, retry HANDLE, retry all [FUNCTION], purge HANDLE, purge "
        "all [FUNCTION]; \"unique KEY\" may stand for HANDLE");
}

std::optional<store::chosen_letters> service_desk::choose(std::string_view words) const {
    std::string_view rest = words;
    const std::string_view first = take_until(rest, ' ');
    if (first == "all") return store::chosen_letters{.function = std::string(rest)};
    if (first == "unique" && !rest.empty()) return store::chosen_letters{.unique = std::string(rest)};
    if (const auto id = handles_.read(words)) return store::chosen_letters{.id = *id};
    return std::nullopt;
}

service_desk::finished service_desk::end(broker::service_ticket name, store::reply said) {
    open note = std::move(open_.at(name));
    open_.erase(name);
    finished done;
    if (!note.retry) {
        done.next = answer_to(note, said);
    } else if (auto* const found = std::get_if<store::found_letters>(&said)) {
        done.letters = note.retry->found(std::move(*found));
        if (done.letters.empty()) {
            done.next = go_on(name, std::move(note));
        } else {
            open_.emplace(name, std::move(note));
        }
    } else {
        done.outcomes = note.retry->outcomes(said);
        const auto* const why = std::get_if<error>(&said);
        done.next = why != nullptr ? stop_retry(*note.retry, *why) : go_on(name, std::move(note));
    }
    return done;
}

service_desk::next_step service_desk::take_letters(broker::service_ticket name, std::vector<store::job_number> taken) {
    open note = std::move(open_.at(name));
    open_.erase(name);
    note.retry->take(std::move(taken));
    return go_on(name, std::move(note));
}

// With a retry of letters.
service_desk::next_step service_desk::go_on(broker::service_ticket name, open&& note) {
    if (note.retry->is_done()) {
        const letter_retry::counts done = note.retry->count();
        if (done.jobs == 0 && done.refused != 0 && note.retry->is_about_one()) {
            return refuse("QUEUE_ERROR", "The dead letter stays: a job with its unique key waits or runs");
        }
        return text(json_of_count(done.jobs, done.refused));
    }
    next_step next = note.retry->next();
    open_.emplace(name, std::move(note));
    return next;
}

service_answer service_desk::answer_to(const open& note, const store::reply& said) const {
    if (const auto* const why = std::get_if<error>(&said)) return refuse("QUEUE_ERROR", why->message);
    switch (note.what) {
        case about::result: return end_result(said);
        case about::job: return end_job(said);
        case about::written: return text(note.text);
        case about::run: return end_run(said, note);
        case about::letters: return end_letters(said, note.shows_letter);
        default: return end_queue(said, note.asked);
    }
}

service_answer service_desk::end_result(const store::reply& said) const {
    if (const auto* const result = std::get_if<store::result_row>(&said)) return end_with(*result);
    if (const auto* const letter = std::get_if<store::dead_letter>(&said)) return end_with(*letter);
    return unknown_job();
}

service_answer service_desk::end_job(const store::reply& said) const {
    if (const auto* const result = std::get_if<store::result_row>(&said)) return text(json_of(handles_, *result));
    if (const auto* const letter = std::get_if<store::dead_letter>(&said)) {
        return text(json_of(handles_, *letter, detail_level::state));
    }
    return text(json_of_unknown());
}

service_answer service_desk::end_letters(const store::reply& said, bool shows) const {
    if (const auto* const list = std::get_if<store::letter_list>(&said)) return text(json_of(handles_, *list));
    if (const auto* const gone = std::get_if<store::purged>(&said)) return text(json_of_count(gone->letters));
    const auto* const letter = std::get_if<store::dead_letter>(&said);
    if (shows && letter != nullptr) return text(json_of(handles_, *letter, detail_level::everything));
    return refuse("UNKNOWN_JOB", "No dead letter has this handle or unique key");
}

// A line that says how it ended, and then the outcome.
service_answer service_desk::end_run(const store::reply& said, const open& asked) const {
    const auto* const found = std::get_if<store::run_outcome>(&said);
    if (found == nullptr) return text("unknown\n");
    service_answer answer = text(found->taker != asked.taker
                                     ? "taken\n" + found->taker
                                     : std::string(word_of(found->end)) + "\n" + std::string(found->outcome.view()));
    answer.id = asked.run;
    answer.taker = found->taker;
    return answer;
}

service_answer service_desk::end_queue(const store::reply& said, store::wall_time now) const {
    if (const auto* const copy = std::get_if<store::backed_up>(&said)) return text(json_of(*copy));
    const auto* const counts = std::get_if<store::totals>(&said);
    return text(json_of(facts_, counts == nullptr ? store::totals{} : *counts, now));
}

}  // namespace sheaf::server
