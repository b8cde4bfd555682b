#include "broker/services.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "broker/absentees.hpp"
#include "broker/attachments.hpp"
#include "broker/describe.hpp"
#include "broker/lifecycle.hpp"
#include "broker/limits.hpp"
#include "broker/reply.hpp"
#include "broker/run_service.hpp"
#include "broker/runs.hpp"
#include "broker/submit.hpp"
#include "protocol/admin.hpp"

namespace sheaf::broker {
namespace {

// Each costs some hundred bytes, and all that is said to the connection behind it.
constexpr std::size_t questions_max = 10'000;

using protocol::packet_view;
using protocol::submission;
using enum protocol::packet_type;

void ask_owner(world& w, connection_id from, const service_question& question) {
    w.effects.serve(open_question_of(w, from), question);
}

// Which job a peer means.
struct address {
    job_id id{};
    std::string_view unique{};
    slot here = no_slot;             ///< when it has not ended
    std::optional<job_id> absent{};  ///< when it has not ended, and only the store knows what it is

    [[nodiscard]] bool is_nothing() const { return id.value() == 0 && unique.empty(); }
};

address read_address(const world& w, std::string_view text) {
    constexpr std::string_view by_unique = "unique ";
    address found;
    if (text.starts_with(by_unique)) {
        found.unique = text.substr(by_unique.size());
        found.here = w.jobs.find_unique(found.unique);
    } else if (const auto id = parse_handle(w.how.handle_prefix, text)) {
        found.id = *id;
        found.here = w.jobs.find(*id);
    }
    if (found.here != no_slot && is_discarded(w.jobs[found.here])) found.here = no_slot;
    if (found.here != no_slot) return found;
    found.absent = found.unique.empty() ? found.id : find_absent_unique(w, found.unique);
    if (!found.absent || w.absent.find(*found.absent)) return found;
    found.here = found.unique.empty() ? no_slot : w.jobs.find(*found.absent);  // hollow
    found.absent.reset();
    return found;
}

void send_unknown(world& w, connection_id from) { send_error(w, from, "UNKNOWN_JOB", unknown_job_text); }

void on_result(world& w, connection_id from, std::string_view text) {
    const address which = read_address(w, text);
    if (which.here != no_slot) return attach_client(w, which.here, from);
    if (which.absent) return attach_client(w, summon(w, *which.absent), from);
    if (which.is_nothing()) return send_unknown(w, from);
    ask_owner(w, from, {.what = service_question::about::result, .id = which.id, .unique = which.unique, .text = {}});
}

void on_job(world& w, connection_id from, std::string_view text) {
    const address which = read_address(w, text);
    if (which.here != no_slot) return answer_at_once(w, from, describe(w, which.here));
    if (which.absent) return answer_at_once(w, from, describe_absent(w, *which.absent, which.unique));
    if (which.is_nothing()) return answer_at_once(w, from, describe_unknown());
    ask_owner(w, from, {.what = service_question::about::job, .id = which.id, .unique = which.unique, .text = {}});
}

void on_cancel(world& w, connection_id from, std::string_view text) {
    const address which = read_address(w, text);
    if (which.absent) {
        const std::string was = describe_cancelled_absent(w, *which.absent);
        drop_absent(w, *which.absent);
        return answer_when_written(w, from, was);
    }
    if (which.here == no_slot) return on_job(w, from, text);
    const std::string was = describe_cancelled(w, which.here);
    cancel(w, which.here);
    answer_when_written(w, from, was);
}

void on_enqueue(world& w, connection_id from, const submission& what, const packet_view& packet) {
    const auto read = read_enqueue(packet.data);
    if (const auto* const why = std::get_if<std::string>(&read)) return send_invalid(w, from, *why);
    const auto& request = std::get<enqueue_request>(read);
    if (is_service(request.function)) return send_invalid(w, from, "The server's own functions are not enqueued");
    submission job = what;
    job.function = request.function;
    const wall_time due = request.at ? *request.at : request.delay ? w.last.wall + *request.delay : wall_time{};
    const shared_bytes payload =
        packet.owner == nullptr ? shared_bytes(request.payload) : packet.owner->suffix(request.payload.size());
    submit_with_terms(w, from, job, payload, due, request.terms);
}

void on_letters(world& w, connection_id from, std::string_view text) {
    ask_owner(w, from, {.what = service_question::about::letters, .id = {}, .unique = {}, .text = text});
}

// What takes space on the server's disk is for those who are there.
bool is_here(const connection& peer) {
    return peer.address == "unix" || peer.address.starts_with("127.") || peer.address == "::1";
}

void on_queue(world& w, connection_id from, std::string_view text) {
    if (!text.empty() && !is_here(w.connections[from])) {
        return send_invalid(w, from, "Copies of the queue are made for those on the server's own machine");
    }
    ask_owner(w, from, {.what = service_question::about::queue, .id = {}, .unique = {}, .text = text});
}

using foreground_service = void (*)(world&, connection_id, std::string_view);
constexpr std::array<std::pair<std::string_view, foreground_service>, 6> foreground_services{{
    {"sheaf.result", &on_result},
    {"sheaf.job", &on_job},
    {"sheaf.cancel", &on_cancel},
    {"sheaf.dead", &on_letters},
    {"sheaf.queue", &on_queue},
    {"sheaf.run", &on_run_service},
}};
constexpr std::string_view enqueue_service = "sheaf.enqueue";

foreground_service find_service(std::string_view function) noexcept {
    const auto* const found =
        std::ranges::find(foreground_services, function, &std::pair<std::string_view, foreground_service>::first);
    return found == foreground_services.end() ? nullptr : found->second;
}

void end_as_it_ended(world& w, connection_id to, const service_answer& answer) {
    const handle_text handle(w.how.handle_prefix, answer.id);
    if (answer.what == service_answer::kind::completed) return send<work_complete>(w, to, handle, answer.data);
    if (answer.data.empty() || !w.connections[to].exceptions) return send<work_fail>(w, to, handle);
    send<work_exception>(w, to, handle, answer.data);
}

// To who has JOB_CREATED already.
void answer_created(world& w, const open_question& asked, const service_answer& answer) {
    const handle_text handle(w.how.handle_prefix, asked.created);
    const bool is_answer = answer.what != service_answer::kind::refused;
    send<work_complete>(w, asked.from, handle, is_answer ? answer.data : shared_bytes("refused\n" + answer.why));
}

std::string line_of(const service_answer& answer) {
    protocol::output_buffer out;
    if (answer.what == service_answer::kind::refused) {
        protocol::admin::append_error(out, answer.code, answer.why);
    } else {
        protocol::admin::append_ok(out);
    }
    std::string_view line;
    (void)out.gather({&line, 1});
    return std::string(line);
}

service_ticket open(world& w, open_question&& asked) {
    const service_ticket name = w.next_question++;
    std::vector<service_ticket>& all = w.connections[asked.from].questions;
    asked.place = all.size();
    all.push_back(name);
    w.questions.emplace(name, asked);
    return name;
}

void close(world& w, service_ticket name, const open_question& asked) {
    std::vector<service_ticket>& all = w.connections[asked.from].questions;
    all[asked.place] = all.back();
    w.questions.at(all.back()).place = asked.place;
    all.pop_back();
    w.questions.erase(name);
}

}  // namespace

void send_invalid(world& w, connection_id from, std::string_view why) { send_error(w, from, "INVALID_ARGUMENT", why); }

void answer_at_once(world& w, connection_id from, std::string_view data) {
    const handle_text handle(w.how.handle_prefix, job_id{w.next_job++});
    send<job_created>(w, from, handle);
    send<work_complete>(w, from, handle, data);
}

service_ticket open_question_of(world& w, connection_id from) {
    return open(w, {.from = from, .hold = w.connections[from].holds.hold()});
}

service_ticket open_line_question(world& w, connection_id from) {
    return open(w, {.from = from, .hold = w.connections[from].holds.hold(), .is_line = true});
}

service_ticket open_created_question(world& w, connection_id from) {
    const job_id created{w.next_job++};
    send<job_created>(w, from, handle_text(w.how.handle_prefix, created));
    return open(w, {.from = from, .created = created});
}

void ask_for_outcome(world& w, const run& r, const run_taker& who) {
    if (!w.questions.contains(who.question)) return;
    w.effects.serve(who.question,
                    {.what = service_question::about::run, .id = r.about.id, .unique = who.name, .text = {}});
}

void answer_when_written(world& w, connection_id from, std::string_view data) {
    ask_whether_written(w, open_question_of(w, from), data);
}

void ask_whether_written(world& w, service_ticket name, std::string_view data) {
    w.effects.serve(name, {.what = service_question::about::written, .id = {}, .unique = {}, .text = data});
}

void await_store(world& w, connection_id from, std::uint64_t hold, job_id job) {
    w.ended_unstored[job.value()].push_back(open(w, {.from = from, .hold = hold}));
}

void answer_for_ended(world& w, job_id job, const acknowledgement& outcome) {
    const auto found = w.ended_unstored.find(job.value());
    if (found == w.ended_unstored.end()) return;
    const std::vector<service_ticket> waiting = std::move(found->second);
    w.ended_unstored.erase(found);
    for (const service_ticket name : waiting) {
        const auto asked = w.questions.find(name);
        if (asked == w.questions.end()) continue;  // its peer has left
        const open_question who = asked->second;
        close(w, name, who);
        resolve_hold(w, who.from, who.hold, outcome);
    }
}

bool is_service(std::string_view function) noexcept {
    return function.starts_with("sheaf.") && (function == enqueue_service || find_service(function) != nullptr);
}

void on_service(world& w, connection_id from, const submission& what, const packet_view& packet) {
    if (what.function == enqueue_service) {
        if (!what.background) return send_invalid(w, from, "sheaf.enqueue is submitted in the background");
        return on_enqueue(w, from, what, packet);
    }
    if (what.background)
        return send_invalid(w, from, "Only a client that waits can be answered: submit it in the foreground");
    if (w.connections[from].questions.size() >= questions_max) {
        const std::string count = std::to_string(questions_max);
        return send_error(w, from, "QUEUE_ERROR",
                          count + " questions of this connection wait for answers: ask again when there are fewer");
    }
    find_service(what.function)(w, from, packet.data);
}

void on_served(world& w, service_ticket name, const service_answer& answer) {
    if (!answer.taker.empty()) on_run_taken(w, answer.id, answer.taker);  // also when who has asked has left
    const auto found = w.questions.find(name);
    if (found == w.questions.end()) return;
    const open_question asked = found->second;
    const connection_id to = asked.from;
    const std::uint64_t hold = asked.hold;
    close(w, name, asked);
    if (asked.created.value() != 0) return answer_created(w, asked, answer);
    if (asked.is_line) return resolve_hold(w, to, hold, told_line{line_of(answer)});
    if (answer.what == service_answer::kind::refused) {
        return resolve_hold(w, to, hold, refused{answer.why, answer.code});
    }
    const bool is_text = answer.what == service_answer::kind::text;
    const job_id job = is_text ? job_id{w.next_job++} : answer.id;
    resolve_hold(w, to, hold, acknowledged{job});
    if (!is_text) return end_as_it_ended(w, to, answer);
    send<work_complete>(w, to, handle_text(w.how.handle_prefix, job), answer.data);
}

void forget_questions(world& w, connection_id from) {
    for (const service_ticket name : w.connections[from].questions) w.questions.erase(name);
    w.connections[from].questions.clear();
}

}  // namespace sheaf::broker
