// The worker's shell: sockets and timers around the state machine, and the threads that do the I/O and run the slots.
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/assert.hpp"
#include "peer/link_set.hpp"
#include "sheaf/runtime/worker.hpp"
#include "worker/job_exchange.hpp"
#include "worker/slot.hpp"
#include "worker/worker_core.hpp"

namespace sheaf::runtime {
namespace {

using steady_clock = std::chrono::steady_clock;

// While so much waits for a server to read it, handlers have to wait too.
constexpr std::size_t unsent_bytes_max = std::size_t{16} << 20;
// How long a server may take to read our last answers.
constexpr std::chrono::seconds flush_limit{5};

// Lets the slots' threads end, also when something throws. By then no handler runs that could have another one started.
struct closer {
    job_exchange& exchange;
    std::vector<std::jthread>& threads;
    visitors& guests;
    ~closer() {
        exchange.close();
        threads.clear();
        guests.close();
    }
};

}  // namespace

struct worker::shell : worker_sink, peer::link_events, exchange_host {
    explicit shell(worker_options options)
        : how(std::move(options)),
          tls(peer::tls_for(how.servers, how.tls)),
          timer(loop.context()),
          sweep_timer(loop.context()),
          long_job_timer(loop.context()),
          exchange(how.slots, how.lent_max, *this) {
        loop.at_turn_end([this] { leave_io_if_better(); });
    }

    // ---- What is offered, from any thread.

    void offer(offered_function what) {
        const std::lock_guard lock(offers_door);
        if (!names.insert(what.name).second) {
            throw runtime_failure({errc::invalid_argument, "the function '" + what.name + "' is offered twice"});
        }
        if (core == nullptr) return functions.push_back(std::move(what));
        loop.post([this, what = std::move(what)]() mutable {
            core->offer(std::move(what));
            wait_for_deadline();
        });
    }

    bool withdraw(const std::string& name) {
        const std::lock_guard lock(offers_door);
        if (names.erase(name) == 0) return false;
        std::erase_if(functions, [&](const offered_function& one) { return one.name == name; });
        if (core != nullptr) loop.post([this, name] { core->withdraw(name); });
        return true;
    }

    void make_core() {
        const std::lock_guard lock(offers_door);
        if (functions.empty()) {
            throw runtime_failure(
                {errc::invalid_argument, "a worker without functions has nothing to do: call offer() first"});
        }
        links =
            std::make_unique<peer::link_set>(loop, how.servers, how.connect_timeout, how.message_bytes_max, tls, *this);
        core = std::make_unique<worker_core>(how, std::exchange(functions, {}), *this, peer::jitter());
    }

    void run() {
        make_core();
        const closer at_the_end{exchange, threads, *guests};
        for (std::size_t i = 0; i < how.slots; ++i) start_thread(i);
        const auto work = boost::asio::make_work_guard(loop.context());
        core->start();
        do_io();
    }

    // ---- Who does the I/O.

    // On the own thread, until the worker has ended.
    void do_io() {
        for (;;) {
            loop.run();
            if (!std::exchange(leaves_io, false)) return;
            loop.restart();
            exchange.leave_io();
            exchange.wait_for_io();
        }
    }

    // At the end of a turn, so that nothing is left that waits to be sent.
    void leave_io_if_better() {
        if (ended || leaves_io || !exchange.should_leave_io()) return;
        leaves_io = true;
        loop.stop();
    }

    // On a slot's thread. What goes wrong is run()'s to throw.
    bool turn(bool has_reports) override {
        bool goes_on = true;
        is_slots_turn = true;
        try {
            if (has_reports) {
                loop.turn([this] { take_reports(false); });
            } else {
                loop.run_one();
            }
            hand_over();
        } catch (...) {
            loop.post([why = std::current_exception()] { std::rethrow_exception(why); });
            goes_on = false;
        }
        is_slots_turn = false;
        return goes_on && !ended;
    }

    void drain(std::optional<std::chrono::milliseconds> grace = {}) {
        loop.post([this, grace] {
            grace ? core->drain(steady_clock::now(), *grace) : core->drain(steady_clock::now());
            wait_for_deadline();
        });
    }

    void stop() {
        loop.post([this] {
            core->stop(steady_clock::now());
            wait_for_deadline();
        });
    }

    void call_io() override {
        loop.post([this] { take_reports(false); });
    }

    // On the I/O thread, or that of a handler that lends its slot.
    void start_thread(std::size_t slot) override {
        const std::lock_guard lock(threads_door);
        threads.emplace_back([this, slot] { run_slot(slot, exchange, guests); });
    }

    // ---- Jobs and reports.

    // The slots are given what a turn has brought, in one go.
    void start(worker_job& job) override {
        if (starting.empty() && !is_slots_turn) loop.post([this] { hand_over(); });
        starting.push_back(&job);
    }

    void hand_over() {
        if (starting.empty()) return;
        const bool some_wait = exchange.hand_over(starting);
        starting.clear();
        if (some_wait) sweep_later();
        if (!awaits_long_jobs) look_for_long_jobs(steady_clock::now() + long_job);
    }

    // One timer for all jobs, armed when the first of them begins: short jobs do not cost any.
    void look_for_long_jobs(steady_clock::time_point at) {
        awaits_long_jobs = at != steady_clock::time_point::max();
        if (!awaits_long_jobs || ended) return;
        long_job_timer.expires_at(at);
        long_job_timer.async_wait([this](const boost::system::error_code& fault) {
            if (fault || ended) return;
            const auto next = exchange.take_reports_of_long_jobs(reports, steady_clock::now());
            take_up_reports();
            look_for_long_jobs(next);
        });
    }

    bool withdraw(worker_job& job) override { return std::erase(starting, &job) != 0 || exchange.withdraw(job); }
    void request_stop(worker_job& job) override {
        if (!job.is_deferred) return exchange.request_stop(job);
        std::stop_source stop = *job.stop;  // a callback on it may end the job
        stop.request_stop();
    }
    void stopping(worker_job& job) override {
        if (how.on_stopping) exchange.tell_slot_of(job, how.on_stopping);
    }
    void stuck(worker_job& job) override {
        const auto slot = exchange.slot_of(job);
        if (how.on_stuck && slot) how.on_stuck(job.function, *slot);
    }

    void take_reports(bool is_sweep) {
        if (links->unsent_bytes() > unsent_bytes_max) return sweep_later();
        const bool some_wait = exchange.take_reports(reports, is_sweep);
        take_up_reports();
        if (some_wait) sweep_later();
    }

    void take_up_reports() {
        for (job_report& r : reports) {
            switch (r.what) {
                case job_report::kind::data: core->data(*r.job, r.answer.data); break;
                case job_report::kind::warning: core->warning(*r.job, r.answer.data); break;
                case job_report::kind::status: core->status(*r.job, r.numerator, r.denominator); break;
                case job_report::kind::expire: core->expire_at(*r.job, r.at, std::move(r.answer.data)); break;
                case job_report::kind::say: core->say_from(*r.job, r.at, r.every, std::move(r.answer.data)); break;
                case job_report::kind::lend: core->lend(); break;
                case job_report::kind::take_back: core->take_back(); break;
                case job_report::kind::defer: core->deferred(*r.job, r.took); break;
                case job_report::kind::done: core->done(*r.job, r.answer, r.took); break;
            }
        }
        reports.clear();
        wait_for_deadline();
    }

    // A slot that expected a short handler has not called us: its report must not wait for the end of a long one.
    void sweep_later() {
        if (std::exchange(sweeping, true)) return;
        sweep_timer.expires_after(report_sweep);
        sweep_timer.async_wait([this](const boost::system::error_code& fault) {
            sweeping = false;
            if (!fault) take_reports(true);
        });
    }

    // ---- Time.

    // A timer that is armed too early costs one idle turn; one that is armed anew for every job costs two system calls.
    void wait_for_deadline() {
        const auto next = core->next_deadline();
        if (next >= armed_for || ended) return;
        armed_for = next;
        timer.expires_at(next);
        timer.async_wait([this](const boost::system::error_code& fault) {
            if (fault || ended) return;  // one that was due already is not cancelled any more
            armed_for = peer::never;
            core->tick(steady_clock::now());
            wait_for_deadline();
        });
    }

    // ---- The end.

    void finished() override {
        ended = true;
        links->close_all_after_flush();
        sweep_timer.cancel();
        long_job_timer.cancel();
        timer.expires_after(flush_limit);
        timer.async_wait([this](const boost::system::error_code& fault) {
            if (!fault) links->abandon();
        });
        loop.post([this] { leave_when_closed(); });
    }

    void leave_when_closed() {
        if (ended && links->all_gone()) loop.stop();
    }

    // ---- Servers.

    protocol::output_buffer& output(std::size_t server) override { return links->output(server); }
    void connect(std::size_t server) override { links->connect(server); }
    // Whatever it was that closed it, a time for the next attempt comes of it.
    void close(std::size_t server, const error& why) override {
        links->close(server, why);
        loop.post([this] { wait_for_deadline(); });
    }

    void on_connected(std::size_t server) override {
        core->connected(server, steady_clock::now());
        wait_for_deadline();
    }
    void on_connect_failed(std::size_t server, const error& why) override {
        core->connect_failed(server, why, steady_clock::now());
        wait_for_deadline();
    }
    void on_lost(std::size_t server, const error& why) override {
        core->disconnected(server, why, steady_clock::now());
        wait_for_deadline();
    }
    void on_packet(std::size_t server, const protocol::packet_view& packet) override {
        core->packet(server, packet, steady_clock::now());
    }
    void on_line(std::size_t, std::string_view) override {}
    void on_released() override { leave_when_closed(); }

    worker_options how;
    std::shared_ptr<const net::tls_context> tls;  // empty when no server wants it
    std::atomic<bool> started{false};

    std::mutex offers_door;
    std::set<std::string> names;              // of all that is offered; this and the next: guarded by offers_door
    std::vector<offered_function> functions;  // until there is a core

    net::loop loop;
    boost::asio::steady_timer timer;
    steady_clock::time_point armed_for = peer::never;
    boost::asio::steady_timer sweep_timer;
    bool sweeping = false;
    boost::asio::steady_timer long_job_timer;
    bool awaits_long_jobs = false;
    bool leaves_io = false;      ///< the own thread is about to leave it to the slots
    bool is_slots_turn = false;  ///< in which jobs are handed over at the end
    bool ended = false;
    std::unique_ptr<peer::link_set> links;
    std::unique_ptr<worker_core> core;
    std::vector<worker_job*> starting;
    std::vector<job_report> reports;
    job_exchange exchange;
    const std::shared_ptr<visitors> guests = std::make_shared<visitors>();
    std::mutex threads_door;
    std::vector<std::jthread> threads;
};

worker::worker(worker_options how) {
    if (how.servers.empty() || how.slots == 0) {
        throw runtime_failure(
            {errc::invalid_argument, "a worker needs the address of a job server, and at least one slot"});
    }
    shell_ = std::make_unique<shell>(std::move(how));
}
worker::~worker() = default;

void worker::offer(std::string function, job_handler handler, function_options options) {
    const bool is_name = !function.empty() && function.find('\0') == std::string::npos;
    if (!is_name || !handler) {
        throw runtime_failure(
            {errc::invalid_argument, "a function that is offered needs a name without NUL, and a handler"});
    }
    shell_->offer({std::move(function), std::make_shared<const job_handler>(std::move(handler)), options});
}

bool worker::withdraw(const std::string& function) { return shell_->withdraw(function); }

void worker::run() {
    SHEAF_ASSERT(!shell_->started.exchange(true), "a worker runs once");
    shell_->run();
}

void worker::run(std::stop_token stop) {
    const std::stop_callback draining(std::move(stop), [this] { drain(); });
    run();
}

void worker::drain() { shell_->drain(); }
void worker::drain(std::chrono::milliseconds grace) { shell_->drain(grace); }
void worker::stop() { shell_->stop(); }

}  // namespace sheaf::runtime
