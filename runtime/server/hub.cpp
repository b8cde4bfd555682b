#include "server/hub.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <unistd.h>
#include <utility>

#include "base/log.hpp"
#include "broker/handle.hpp"
#include "server/handle_prefix.hpp"
#include "server/job_rows.hpp"
#include "server/run_rows.hpp"
#include "store/memory_store.hpp"
#include "store/sqlite_store.hpp"

namespace sheaf::server {
namespace {

// How long peers have to take what was written to them before the server ends.
constexpr std::chrono::milliseconds flush_grace{1000};

// How late packets may be that nobody waits for.
constexpr std::chrono::milliseconds lateness{1};

// The largest packet has to get through whatever the limit is, or the job in it would cut off one worker after another.
std::size_t output_bytes_max(const runtime::server_options& how) {
    const std::size_t room = std::numeric_limits<std::size_t>::max() - how.output_bytes_max;
    return how.output_bytes_max + std::min<std::size_t>(how.packet_bytes_max, room);
}

broker::shutdown_right right_of(runtime::shutdown_command how) {
    switch (how) {
        case runtime::shutdown_command::refused: return broker::shutdown_right::nobody;
        case runtime::shutdown_command::from_unix_sockets: return broker::shutdown_right::unix_sockets;
        case runtime::shutdown_command::from_everyone: return broker::shutdown_right::everyone;
    }
    return broker::shutdown_right::nobody;
}

// Of a job's number: the life of the store, and which job of that life it is.
constexpr unsigned life_shift = 40;

std::string prefix_of(const runtime::server_options& how, const store::identity& who) {
    return make_handle_prefix(how.handle_prefix.empty() ? default_prefix() : how.handle_prefix, who.made_at, who.token);
}

std::string name_of(const runtime::server_options& how) {
    if (!how.keeps_jobs()) return "none";
    return how.kept == runtime::durability::relaxed ? "relaxed" : "full";
}

queue_facts facts_of(const runtime::server_options& how, const store::identity& who) {
    return {.durability = name_of(how),
            .name = make_handle_prefix({}, who.made_at, who.token).substr(1),
            .payload_max = how.packet_bytes_max};
}

broker::options broker_options(const runtime::server_options& how, const store::identity& who) {
    std::random_device random;
    broker::options options;
    options.handle_prefix = prefix_of(how, who);
    options.first_job = broker::job_id{((who.life - 1) << life_shift) + 1};
    options.job_retries = how.job_retries;
    options.worker_wakeup = how.worker_wakeup;
    options.exceptions_by_default = how.exceptions;
    options.timeout_unit =
        how.timeouts == runtime::timeout_unit::seconds ? std::chrono::milliseconds{1000} : std::chrono::milliseconds{1};
    options.background_attempts = how.background_attempts;
    options.result_keep = how.result_keep;
    options.result_bytes_max = how.result_bytes_max;
    if (how.keeps_jobs()) options.queue_bytes_max = how.queue_bytes_max;
    options.job_bytes_max = how.packet_bytes_max;
    options.shutdown = right_of(how.shutdown);
    options.verbosity = how.verbosity;
    options.version = runtime::version();
    options.process_id = ::getpid();
    options.hash_seed = std::uint64_t{random()} << 32 | random();
    return options;
}

std::shared_ptr<const net::tls_context> tls_of(const runtime::server_options& how) {
    if (std::ranges::none_of(how.listen, &endpoint::tls) && std::ranges::none_of(how.listen_http, &endpoint::tls))
        return nullptr;
    return std::make_shared<net::tls_context>(net::tls_context::side::server, how.tls);
}

// The store gives back one kind of name for three kinds of question.
constexpr store::ticket load_mark = store::ticket{1} << 63;
constexpr store::ticket flow_mark = store::ticket{1} << 62;

// How many bytes of jobs may be on their way to the disk: far more than are written at once. Of small jobs, what the server knows
// of each counts more than its payload.
constexpr std::size_t flow_bytes_max = std::size_t{64} << 20;
constexpr std::size_t job_bytes = 512;

}  // namespace

hub::hub(const runtime::server_options& how)
    : how_(how),
      tls_(tls_of(how)),
      store_(make_store()),
      core_(broker_options(how, store_->who()), *this),
      desk_({prefix_of(how, store_->who())}, facts_of(how, store_->who())),
      flow_(flow_bytes_max),
      timer_(loop_.context()),
      grace_(loop_.context()),
      late_timer_(loop_.context()) {
    if (how_.listen.empty()) throw runtime_failure({errc::invalid_argument, "the server has no address to listen on"});
    restore_jobs();
    loop_.at_turn_end([this] { end_turn(); });
    for (const endpoint& where : how_.listen) listen(where, speech::gearman, endpoints_);
    for (const endpoint& where : how_.listen_http) listen(where, speech::http, http_endpoints_);
}

hub::~hub() = default;

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

void hub::run() { loop_.run(); }

void hub::request_stop() {
    loop_.post([this] {
        drain();
        limit_drain();
    });
}

void hub::request_drain() {
    loop_.post([this] { drain(); });
}

void hub::request_stop_now() {
    loop_.post([this] {
        close_all();
        cut_all();
    });
}

void hub::listen(const endpoint& where, speech what, std::vector<endpoint>& all) {
    listeners_.push_back(std::make_unique<net::listener>(
        loop_, where, how_.backlog,
        [this, what, tls = where.tls](net::stream_socket socket) { welcome(std::move(socket), what, tls); }));
    all.push_back(listeners_.back()->local());
}

std::optional<broker::connection_id> hub::take_id() {
    if (sessions_.size() - free_ids_.size() >= how_.connections_max) {
        spdlog::warn("a connection was turned away: {} are open, which is the limit", how_.connections_max);
        return std::nullopt;
    }
    if (free_ids_.empty()) {
        free_ids_.emplace_back(static_cast<std::uint32_t>(sessions_.size()));
        sessions_.emplace_back();
    }
    const broker::connection_id id = free_ids_.back();
    free_ids_.pop_back();
    return id;
}

void hub::welcome(net::stream_socket socket, speech what, bool wants_tls) {
    const auto id = take_id();
    if (!id) return;
    const net::stream_terms terms{.output_bytes_max = output_bytes_max(how_),
                                  .keepalive = {.idle_seconds = how_.keepalive.idle_seconds,
                                                .interval_seconds = how_.keepalive.interval_seconds,
                                                .count = how_.keepalive.count},
                                  .tls = wants_tls ? tls_ : nullptr};
    if (what == speech::gearman) {
        auto made = std::make_unique<gearman_session>(*this, *id);
        gearman_session& here = *made;
        sessions_[id->value()] = std::move(made);
        here.open(std::make_shared<net::connection>(
            loop_, std::move(socket), here,
            net::connection_options{.frames = {.body_bytes_max = how_.packet_bytes_max, .skips_results = true},
                                    .output_bytes_max = terms.output_bytes_max,
                                    .keepalive = terms.keepalive,
                                    .tls = terms.tls}));
    } else {
        auto made = std::make_unique<http_session>(*this, *id, loop_, how_.packet_bytes_max);
        http_session& here = *made;
        sessions_[id->value()] = std::move(made);
        here.open(std::move(socket), terms);
    }
    spdlog::debug("connection {} from {}", id->value(), sessions_[id->value()]->stream().peer_address());
}

void hub::know(session& who) {
    who.become_known();
    core_.connected(who.id(), who.stream().peer_address(), who.stream().descriptor());
}

// Who submits faster than the disk writes is not read from for a while: then its own buffers, and TCP, hold it back.
void hub::packet(broker::connection_id from, const protocol::packet_view& packet) {
    const std::uint64_t before = flow_.given();
    core_.packet(from, packet, now());
    if (!flow_.is_over() || flow_.given() == before) return;
    net::stream& submitter = sessions_[from.value()]->stream();
    if (submitter.is_input_held()) return;
    submitter.hold_input(true);
    held_back_.push_back(from);
}

void hub::store_caught_up() {
    flow_.reached();
    if (!flow_.has_room()) return;
    for (const broker::connection_id one : std::exchange(held_back_, {})) {
        sessions_[one.value()]->stream().hold_input(false);
    }
}

void hub::gone(broker::connection_id who, const error& why) {
    std::erase(held_back_, who);
    if (sessions_[who.value()]->is_known()) {
        spdlog::debug("connection {} ended: {}", who.value(), why.message);
        core_.disconnected(who, now());
    } else {
        spdlog::info("no TLS with {}: {}", sessions_[who.value()]->stream().peer_address(), why.message);
    }
    const auto caller = std::move(sessions_[who.value()]);  // destroyed when nothing of it is needed any more
    free_ids_.push_back(who);
    if (phase_ == phase::closing && free_ids_.size() == sessions_.size()) grace_.cancel();
}

protocol::output_buffer& hub::frame(broker::connection_id connection) {
    return sessions_[connection.value()]->output();
}

// Nearly always something else is written to the same connection before.
protocol::output_buffer& hub::late_frame(broker::connection_id connection) {
    session& to = *sessions_[connection.value()];
    if (late_.empty()) {
        late_timer_.expires_after(lateness);
        late_timer_.async_wait([this](const boost::system::error_code&) { flush_late(); });
    }
    late_.push_back(to.stream().shared_from_this());
    return to.unhurried_output();
}

void hub::flush_late() {
    for (const auto& one : late_) one->flush();
    late_.clear();
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
    if (flow_.give(record.payload.size() + job_bytes)) store_->ask(flow_mark, store::is_written{});
}

void hub::complete(const broker::job_record& job, const broker::job_result& result) {
    uncommitted_ = true;
    store_->complete(row_of(job, result));
}

void hub::bury(const broker::job_record& job, const broker::cause_of_death& why) {
    uncommitted_ = true;
    store_->bury(letter_of(job, why));
}

void hub::reschedule(const broker::job_record& job) {
    uncommitted_ = true;
    store_->reschedule({.id = job.id.value(), .attempts = job.attempts, .losses = job.losses, .run_at = job.run_at});
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
    if (name == flow_mark) return store_caught_up();
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
    uncommitted_ = true;
    store_->change_run(row_of(change));
}

void hub::forget(broker::job_id job) {
    uncommitted_ = true;
    store_->forget(job.value());
}

void hub::close(broker::connection_id connection, std::string_view reason) {
    sessions_[connection.value()]->stream().close_after_flush(std::string(reason));
}

void hub::shut_down(bool graceful) { graceful ? request_drain() : request_stop(); }

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

broker::instant hub::now() {
    if (!now_) {
        now_ = {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
        loop_.end_turn_later();
    }
    return *now_;
}

void hub::end_turn() {
    while (std::exchange(uncommitted_, false)) store_->commit();  // what it answers may lead to more
    if (phase_ == phase::draining && core_.idle()) close_all();
    arm_timer();
    now_.reset();
}

// A timer that rings too early is cheaper than one that is set again in each turn.
void hub::arm_timer() {
    const auto next = core_.next_deadline();
    if (!next || *next >= armed_ || phase_ == phase::closing) return;
    armed_ = *next;
    timer_.expires_at(armed_);
    timer_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || phase_ == phase::closing) return;
        armed_ = broker::steady_time::max();
        core_.tick(now());
    });
}

void hub::drain() {
    if (phase_ != phase::serving) return;
    phase_ = phase::draining;
    listeners_.clear();
    core_.begin_drain(now());
    spdlog::debug("stopping: {} jobs run", core_.count().running);
}

void hub::limit_drain() {
    if (phase_ != phase::draining || std::exchange(drain_is_limited_, true)) return;
    grace_.expires_after(how_.stop_grace);
    grace_.async_wait([this](const boost::system::error_code& fault) {
        if (fault || phase_ != phase::draining) return;
        spdlog::warn("{} jobs still ran when the time to stop was over", core_.count().running);
        close_all();
    });
}

void hub::close_all() {
    if (phase_ == phase::closing) return;
    phase_ = phase::closing;
    listeners_.clear();
    timer_.cancel();
    for (const auto& one : sessions_) {
        if (one) one->stream().close_after_flush("the server stops");
    }
    if (sessions_.size() == free_ids_.size()) return void(grace_.cancel());
    grace_.expires_after(flush_grace);
    grace_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault) cut_all();
    });
}

void hub::cut_all() {
    grace_.cancel();
    for (const auto& one : sessions_) {
        if (one) one->stream().close({errc::shutting_down, "the server stops"});
    }
}

}  // namespace sheaf::server
