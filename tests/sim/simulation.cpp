#include "simulation.hpp"

#include <algorithm>

#include "broker/handle.hpp"
#include "client.hpp"
#include "support/packet_bytes.hpp"
#include "worker.hpp"

namespace sheaf::sim {
namespace {

using enum protocol::packet_type;

constexpr int storm_steps = 400;
constexpr std::uint64_t numbers_per_life = 1'000'000;

bool is_submission(protocol::packet_type type) {
    return type == submit_job || type == submit_job_high || type == submit_job_low || type == submit_job_bg ||
           type == submit_job_high_bg || type == submit_job_low_bg || type == submit_reduce_job ||
           type == submit_reduce_job_background || type == submit_job_epoch || type == submit_job_sched;
}

bool is_background(protocol::packet_type type) {
    return type == submit_job_bg || type == submit_job_high_bg || type == submit_job_low_bg ||
           type == submit_reduce_job_background || type == submit_job_epoch || type == submit_job_sched;
}

// What the server answers itself.
bool is_question(const message& m) { return m.is(submit_job) && m.words[0].starts_with("sheaf."); }

bool is_grab(const message& m) {
    return m.is(grab_job) || m.is(grab_job_uniq) || m.is(grab_job_all) || m.is(all_yours);
}

std::string word_of(broker::run_state state) {
    switch (state) {
        case broker::run_state::value: return "value";
        case broker::run_state::nothing: return "nothing";
        case broker::run_state::cancelled: return "cancelled";
        default: return "broken";
    }
}

bool is_end(const message& m) { return m.is(work_complete) || m.is(work_fail) || m.is(work_exception); }

}  // namespace

std::vector<message> decode(std::string_view bytes) {
    std::vector<message> all;
    while (!bytes.empty()) {
        if (bytes.front() != '\0') {
            const std::size_t end = bytes.find('\n');
            all.push_back({{}, {}, {}, std::string(bytes.substr(0, end))});
            bytes.remove_prefix(end + 1);
            continue;
        }
        const auto number = [&](std::size_t at) {
            std::uint32_t value = 0;
            for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
            return value;
        };
        const auto type = static_cast<protocol::packet_type>(number(4));
        const auto body = bytes.substr(protocol::header_size, number(8));
        protocol::packet_view packet;
        if (!protocol::parse_packet(type, protocol::direction::response, body, packet)) {
            throw violation("the server sent a packet that lacks arguments");
        }
        message m{type, {}, std::string(packet.data), {}};
        for (std::size_t i = 0; i < protocol::info(type).arguments; ++i) m.words.emplace_back(packet[i]);
        all.push_back(std::move(m));
        bytes.remove_prefix(protocol::header_size + body.size());
    }
    return all;
}

simulation::simulation(std::uint64_t seed, bool invariants)
    : random_(seed),
      invariants_(invariants),
      now_{broker::steady_time{std::chrono::hours{1}}, broker::wall_time{std::chrono::hours{1000}}} {
    const auto sometimes = [&](unsigned most) { return chance(50) ? static_cast<unsigned>(roll(most + 1)) : 0U; };
    faults_ = {.client_crash = sometimes(8),
               .worker_crash = sometimes(8),
               .worker_hang = sometimes(3),
               .server_crash = sometimes(1),
               .store_refusal = sometimes(30),
               .store_slowness = static_cast<unsigned>(roll(90)),
               .load_failure = sometimes(30),
               .cancel = sometimes(40),
               .time_limit = sometimes(50),
               .drop_ability = sometimes(5),
               .clock_jump = sometimes(20),
               .runs = sometimes(40)};
    how_.wall_clock_patience = std::chrono::seconds{1};
    how_.handle_prefix = "H:";
    how_.job_retries = chance(80) ? -1 : static_cast<int>(roll(3));
    how_.worker_wakeup = chance(80) ? 1 : roll(3);
    how_.background_attempts = chance(50) ? 1 : static_cast<std::uint32_t>(1 + roll(3));
    how_.result_keep = std::chrono::seconds(chance(80) ? 60 : 0);
    // In most worlds memory is short, so that jobs leave it and come back.
    if (chance(70)) how_.queue_bytes_max = roll(4) * 400;
    how_.queue_jobs_min = 2 + roll(3);
    start_server();
    for (std::uint64_t i = 0, n = 1 + roll(4); i < n; ++i) clients_.push_back(std::make_unique<client>(*this));
    workers_.push_back(std::make_unique<worker>(*this, true));
    for (std::uint64_t i = 0, n = roll(5); i < n; ++i) workers_.push_back(std::make_unique<worker>(*this, false));
}

simulation::~simulation() = default;

std::int64_t simulation::epoch_seconds() const {
    return std::chrono::duration_cast<std::chrono::seconds>(now_.wall.time_since_epoch()).count();
}

void simulation::run() {
    storm();
    become_calm();
    calm_down();
    if (core_->count().queued != 0) throw violation("jobs wait beside sleeping workers while others hang");
    for (auto& w : workers_) w->kill_if_hanging();
    calm_down();
    check_end();
}

void simulation::start_server() {
    broker::sink& effects = *this;
    core_ = std::make_unique<broker::core>(how_, effects);
    for (const broker::restored_run& one : store_.runs().all()) core_->restore_run(one, now_);
    for (const auto& [id, record] : store_.rows()) core_->restore(record, now_);
    look();
}

void simulation::crash_server() {
    core_.reset();
    wires_.clear();
    frames_.clear();
    assigned_.clear();
    store_.crash();
    background_is_held_ = false;
    loads_.clear();
    failed_loads_.clear();
    written_.clear();
    letters_.clear();
    // Their end was not committed: they live on.
    for (const auto& [id, record] : store_.rows()) {
        forgotten_.erase(id);
        known_.at(id).run_at = record.run_at;
    }
    how_.first_job = broker::job_id{how_.first_job.value() + numbers_per_life};
    start_server();
}

void simulation::storm() {
    for (int i = 0; i < storm_steps; ++i) {
        const std::uint64_t kind = roll(100);
        if (kind < 20) {
            clients_[roll(clients_.size())]->act();
        } else if (kind < 40) {
            workers_[roll(workers_.size())]->act();
        } else if (kind < 85) {
            deliver_one();
        } else if (kind < 95) {
            if (chance(faults_.store_slowness)) continue;
            store_.commit(1 + roll(5), faults_.store_refusal, random_);
            while (chance(80) && (answer_from_store() || reply_from_store())) {
            }
            while (chance(60) && load_from_store()) {
            }
        } else if (kind < 99) {
            const std::chrono::milliseconds jump{static_cast<std::int64_t>(roll(8000)) - 4000};
            pass(std::chrono::milliseconds{roll(300)}, chance(faults_.clock_jump) ? jump : jump.zero());
        } else if (chance(faults_.server_crash * 20)) {
            crash_server();
        }
        if (chance(3)) retry_letter();
        if (chance(2)) hold_background(!background_is_held_);
    }
}

void simulation::become_calm() {
    calm_ = true;
    hold_background(false);
    const auto broken = faults_;
    faults_ = {};
    faults_.cancel = broken.cancel;  // remembered for what may be excused
    faults_.time_limit = broken.time_limit;
    for (auto& w : workers_) w->recover();
}

// The store falls behind, or has caught up.
void simulation::hold_background(bool held) {
    background_is_held_ = held;
    core_->hold_background(held, now_);
    look();
}

void simulation::calm_down() {
    for (int idle_rounds = 0, rounds = 0; idle_rounds < 3; ++rounds) {
        if (rounds > 100'000) throw violation("the server does not come to rest");
        bool any = false;
        for (auto& [id, w] : wires_) {
            any = any || !w.to_server.empty();
            while (!w.to_server.empty()) deliver_from(id);
        }
        for (auto& w : workers_) any = w->proceed() || any;
        for (auto& c : clients_) any = c->read() || any;
        any = any || !store_.idle();
        store_.commit(1000, 0, random_);
        while (answer_from_store() || reply_from_store() || load_from_store()) {
        }
        idle_rounds = any ? 0 : idle_rounds + 1;
        if (any) continue;
        if (const auto next = core_->next_deadline()) {
            pass(std::chrono::ceil<std::chrono::milliseconds>(*next - now_.steady));
            idle_rounds = 0;
        }
    }
}

void simulation::check_end() const {
    const auto count = core_->count();
    if (count.queued != 0) throw violation(std::to_string(count.queued) + " jobs wait beside sleeping workers");
    if (count.running != 0) throw violation(std::to_string(count.running) + " jobs run nowhere");
    if (!store_.rows().empty()) throw violation("records of ended jobs are kept");
    check_runs();
    for (const std::uint64_t job : accepted_) {
        if (!forgotten_.contains(job)) throw violation("acknowledged job " + std::to_string(job) + " vanished");
        if (!may_end_otherwise() && !executed_.contains(job)) {
            throw violation("acknowledged job " + std::to_string(job) + " was never executed");
        }
    }
    for (const auto& [id, w] : wires_) {
        if (!w.replies.empty()) throw violation("a request was never answered");
        for (const auto& [handle, ends] : w.ends) {
            if (ends != 0) throw violation("a client waits for ever for " + handle);
        }
    }
}

simulation::session simulation::connect() {
    std::uint32_t id = 0;
    while (wires_.contains(id)) ++id;  // numbers are used again at once
    wires_[id].serial = ++last_serial_;
    core_->connected(broker::connection_id{id}, "sim", static_cast<int>(id));
    look();
    return {broker::connection_id{id}, last_serial_};
}

void simulation::hang_up(const session& mine) {
    wires_.erase(mine.id.value());
    frames_.erase(mine.id.value());
    release_assignments(mine.id, nullptr);
    core_->disconnected(mine.id, now_);
    if (frames_.contains(mine.id.value())) throw violation("the server wrote to a peer that had left");
    look();
}

void simulation::send(const session& mine, message m) {
    if (!is_open(mine)) throw violation("the simulation is wrong: a message on a closed connection");
    wires_.at(mine.id.value()).to_server.push_back(std::move(m));
}

std::optional<message> simulation::receive(const session& mine) {
    auto& arrived = wires_.at(mine.id.value()).to_agent;
    if (!is_open(mine) || arrived.empty()) return std::nullopt;
    message m = std::move(arrived.front());
    arrived.pop_front();
    return m;
}

void simulation::deliver_one() {
    std::vector<std::uint32_t> waiting;
    for (const auto& [id, w] : wires_) {
        if (!w.to_server.empty()) waiting.push_back(id);
    }
    if (!waiting.empty()) deliver_from(waiting[roll(waiting.size())]);
}

void simulation::deliver_from(std::uint32_t id) {
    wire& w = wires_.at(id);
    const message m = std::move(w.to_server.front());
    w.to_server.pop_front();
    expect_reply(w, m);
    note_request(broker::connection_id{id}, m);
    if (is_grab(m)) grab_ = grab{id, most_urgent(w)};
    if (!m.line.empty()) {
        core_->line(broker::connection_id{id}, m.line, now_);
    } else {
        core_->packet(broker::connection_id{id}, view_of(m), now_);
    }
    look();
    grab_.reset();
}

void simulation::expect_reply(wire& w, const message& m) {
    if (!m.line.empty()) {
        w.replies.push_back({reply::line, ""});
    } else if (is_question(m)) {
        w.replies.push_back({reply::service, m.words[0] == "sheaf.run" ? m.data : "", {}, begun_});
    } else if (is_submission(m.type)) {
        expected created{is_background(m.type) ? reply::created_background : reply::created_foreground, ""};
        const auto what = protocol::as_submission(view_of(m));
        if (what && !what->background && what->unique.empty()) {
            created.made = known_job{std::string(what->function), what->priority, {}};
        }
        w.replies.push_back(std::move(created));
    } else if (m.type == echo_req) {
        w.replies.push_back({reply::echo, m.data});
    } else if (m.type == get_status || m.type == option_req) {
        w.replies.push_back({reply::status, m.words[0]});
    }
}

void simulation::note_request(broker::connection_id from, const message& m) {
    if (is_end(m)) {
        const auto found = assigned_.find(number(m.words[0]));
        if (found == assigned_.end() || found->second.worker != from) return;
        executed_.insert(found->first);
        assigned_.erase(found);
    } else if (m.is(can_do) || m.is(can_do_timeout)) {
        wires_.at(from.value()).abilities.insert(m.words[0]);
    } else if (m.is(cant_do)) {
        wires_.at(from.value()).abilities.erase(m.words[0]);
        release_assignments(from, &m.words[0]);
    } else if (m.is(reset_abilities)) {
        wires_.at(from.value()).abilities.clear();
        release_assignments(from, nullptr);
    }
}

void simulation::release_assignments(broker::connection_id worker, const std::string* function) {
    std::erase_if(assigned_, [&](const auto& entry) {
        return entry.second.worker == worker && (function == nullptr || entry.second.function == *function);
    });
}

bool simulation::answer_from_store() {
    store::answer answer;
    if (!store_.take_answer(random_, answer)) return false;
    if (answer.payload) {
        core_->gathered(answer.job, *answer.payload, now_);
    } else if (answer.kept) {
        core_->stored(answer.job, now_);
    } else {
        core_->store_failed(answer.job, "refused", now_);
    }
    look();
    return true;
}

bool simulation::reply_from_store() {
    store::reply said;
    if (!store_.take_reply(random_, said)) return false;
    using kind = broker::service_answer::kind;
    broker::service_answer answer{.what = kind::refused, .id = said.job, .code = "UNKNOWN_JOB", .why = "unknown"};
    if (said.taker) {
        answer.what = kind::text;
        answer.taker = *said.taker;
        const bool is_theirs = *said.taker == said.text;
        const auto& run = store_.runs().runs().at(said.job.value());
        answer.data = shared_bytes(is_theirs ? word_of(run.about.state) + "\n" + run.outcome : "taken\n" + *said.taker);
    } else if (written_.erase(said.name) != 0) {
        answer.what = kind::text;
        answer.data = shared_bytes(said.text);
    }
    if (said.how == store::end::completed) answer.what = kind::completed;
    if (said.how == store::end::failed) answer.what = kind::failed;
    core_->served(said.name, answer, now_);
    look();
    return true;
}

bool simulation::load_from_store() {
    store::loaded_rows rows;
    if (!store_.take_rows(faults_.load_failure, random_, rows)) return false;
    const queue_name queue = loads_.extract(rows.name).mapped();
    if (rows.failed) {
        failed_loads_.insert(queue);
        core_->load_failed(rows.name, now_);
    } else {
        core_->loaded(rows.name, rows.found, now_);
    }
    look();
    return true;
}

void simulation::pass(std::chrono::milliseconds time, std::chrono::milliseconds clock_jump) {
    now_.steady += time;
    now_.wall += time + clock_jump;
    core_->tick(now_);
    look();
}

void simulation::persist(const broker::job_record& record) {
    known_.try_emplace(record.id.value(), known_job{record.function, record.priority, record.run_at});
    store_.persist(record);
}

void simulation::end(broker::job_id job, store::end how) {
    if (!forgotten_.insert(job.value()).second) throw violation("job " + std::to_string(job.value()) + " ended twice");
    store_.forget(job, how);
}

void simulation::complete(const broker::job_record& job, const broker::job_result&) {
    end(job.id, store::end::completed);
}

void simulation::bury(const broker::job_record& job, const broker::cause_of_death&) {
    broker::job_record& letter = letters_[job.id.value()] = job;
    letter.attempts = letter.losses = 0;
    end(job.id, store::end::failed);
}

// As the owner of a broker does, when the store has the letter: the broker takes it, and then the store makes it a job, or cannot.
void simulation::retry_letter() {
    if (letters_.empty()) return;
    const auto at = std::next(letters_.begin(), static_cast<std::ptrdiff_t>(roll(letters_.size())));
    if (!store_.is_settled(at->second.id) || !core_->revive(at->second, now_)) return;
    const broker::job_record letter = letters_.extract(at).mapped();
    known_.insert_or_assign(letter.id.value(), known_job{letter.function, letter.priority, {}});
    for (auto* const of : {&forgotten_, &accepted_}) of->erase(letter.id.value());
    assigned_.erase(letter.id.value());  // whoever had it took too long
    retried_.insert(letter.id.value());
    store_.persist(letter);
    look();
}

void simulation::reschedule(const broker::job_record& job) {
    if (job.attempts != 0 && job.terms.empty() && job.attempts >= how_.background_attempts) {
        throw violation("job " + std::to_string(job.id.value()) + " is tried too often");
    }
    assigned_.erase(job.id.value());  // whoever had it took too long
    if (const auto known = known_.find(job.id.value()); known != known_.end()) known->second.run_at = job.run_at;
    store_.reschedule(job);
}

void simulation::serve(broker::service_ticket name, const broker::service_question& question) {
    using enum broker::service_question::about;
    switch (question.what) {
        case run: return store_.ask_outcome(name, question.id, std::string(question.unique));
        case written: written_.insert(name); return store_.ask_written(name, std::string(question.text));
        default: return store_.ask(name, question.id);
    }
}

void simulation::load(broker::load_ticket name, std::span<const broker::job_id> jobs) {
    const known_job& first = known_.at(jobs.front().value());
    const queue_name queue{first.function, first.priority};
    loads_.emplace(name, queue);
    failed_loads_.erase(queue);
    store_.load(name, jobs);
}

void simulation::look() {
    if (invariants_) core_->check_invariants();
    for (auto& [id, out] : frames_) {
        if (out.empty()) continue;
        for (auto& m : decode(test::take_all(out))) {
            judge(id, m);
            wires_.at(id).to_agent.push_back(std::move(m));
        }
    }
}

void simulation::judge(std::uint32_t to, const message& m) {
    wire& w = wires_.at(to);
    if (!m.line.empty()) {
        if (next_expected(w, m).kind != reply::line) throw violation("a line came out of order: " + m.line);
    } else if (m.is(job_created) || m.is(error)) {
        judge_created(w, m);
    } else if (m.is(echo_res)) {
        const expected e = next_expected(w, m);
        if (e.kind != reply::echo || e.text != m.data) throw violation("an echo came out of order");
    } else if (m.is(status_res) || m.is(option_res)) {
        const expected e = next_expected(w, m);
        if (e.kind != reply::status || e.text != m.words[0]) throw violation("an answer came out of order");
    } else if (m.is(job_assign) || m.is(job_assign_uniq) || m.is(job_assign_all)) {
        judge_assignment(to, m);
    } else if (is_end(m)) {
        judge_end(w, m);
    }
}

simulation::expected simulation::next_expected(wire& w, const message& m) {
    if (w.replies.empty()) {
        throw violation("an answer without a question: " + std::string(protocol::info(m.type).name) +
                        (m.is(error) ? ' ' + m.words[0] : ""));
    }
    const expected next = w.replies.front();
    w.replies.pop_front();
    return next;
}

void simulation::judge_created(wire& w, const message& m) {
    const expected e = next_expected(w, m);
    const bool in_background = e.kind == reply::created_background;
    if (e.kind == reply::service) {
        if (m.is(job_created)) ++w.ends[m.words[0]];
        if (m.is(job_created) && !e.text.empty()) w.orders[m.words[0]] = e;
        if (m.is(error) && m.words[0] != "UNKNOWN_JOB") throw violation("unexpected ERROR " + m.words[0]);
        return;
    }
    if (!in_background && e.kind != reply::created_foreground)
        throw violation("JOB_CREATED or ERROR came out of order");
    if (m.is(error)) {
        if (!in_background || m.words[0] != "QUEUE_ERROR") throw violation("unexpected ERROR " + m.words[0]);
        return;
    }
    if (!in_background) {
        ++w.ends[m.words[0]];
        if (e.made) known_.try_emplace(number(m.words[0]), *e.made);
        return;
    }
    const std::uint64_t job = number(m.words[0]);
    // It may be the acknowledgement of before, which something else has held back.
    if (retried_.contains(job)) return;
    if (!store_.has(job) && !forgotten_.contains(job))
        throw violation(m.words[0] + " was acknowledged before it was stored");
    accepted_.insert(job);
}

void simulation::judge_assignment(std::uint32_t to, const message& m) {
    const std::uint64_t job = number(m.words[0]);
    const bool is_free = assigned_.emplace(job, assignment{broker::connection_id{to}, m.words[1]}).second;
    if (!is_free) throw violation("job " + m.words[0] + " is with two workers");
    if (background_is_held_ && accepted_.contains(job)) throw violation("job " + m.words[0] + " was to be held back");
    const auto known = known_.find(job);
    if (background_is_held_) return;  // less urgent calls go before it
    if (!grab_ || grab_->from != to || known == known_.end()) return;
    for (const auto& [function, priority] : grab_->most_urgent) {
        const bool may_wait = function != m.words[1] && is_being_loaded(function);
        if (known->second.priority <= priority || may_wait) continue;
        throw violation("job " + m.words[0] + " was handed out before a more urgent one");
    }
}

// A client that waits for its end, or an acknowledgement, has been told of it, and no worker has it: so it must be queued.
bool simulation::certainly_waits(std::uint64_t job, const known_job& known) const {
    if (assigned_.contains(job) || known.run_at > now_.wall) return false;
    if (accepted_.contains(job) && !forgotten_.contains(job)) return true;
    const std::string handle(std::string_view(broker::handle_text(how_.handle_prefix, broker::job_id{job})));
    return std::any_of(wires_.begin(), wires_.end(), [&](const auto& entry) {
        const wire& client = entry.second;
        if (!client.replies.empty()) return false;  // the end may be held back behind an acknowledgement
        const auto found = client.ends.find(handle);
        return found != client.ends.end() && found->second > 0;
    });
}

simulation::urgency simulation::most_urgent(const wire& worker) const {
    urgency best;
    for (const auto& [job, known] : known_) {
        const auto found = best.find(known.function);
        if (!worker.abilities.contains(known.function) || (found != best.end() && found->second <= known.priority)) {
            continue;
        }
        if (certainly_waits(job, known)) best[known.function] = known.priority;
    }
    return best;
}

bool simulation::is_being_loaded(const std::string& function) const {
    const auto is_meant = [&](const queue_name& queue) { return queue.first == function; };
    return std::any_of(failed_loads_.begin(), failed_loads_.end(), is_meant) ||
           std::any_of(loads_.begin(), loads_.end(), [&](const auto& one) { return is_meant(one.second); });
}

void simulation::judge_end(wire& w, const message& m) {
    if (--w.ends[m.words[0]] < 0) throw violation("an end of " + m.words[0] + " for someone who does not wait for it");
    if (const auto order = w.orders.extract(m.words[0]); !order.empty()) judge_run(order.mapped(), m.data);
}

std::uint64_t simulation::number(const std::string& handle) const {
    const auto id = broker::parse_handle(how_.handle_prefix, handle);
    if (!id) throw violation("no handle: " + handle);
    return id->value();
}

}  // namespace sheaf::sim
