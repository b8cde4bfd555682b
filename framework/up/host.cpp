#include "up/host.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <signal.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/unique_fd.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/slot_board.hpp"
#include "cluster/supervisor.hpp"
#include "fetch/host_door.hpp"
#include "up/control_server.hpp"
#include "up/host_plan.hpp"
#include <sheaf/runtime/client.hpp>
#include <sheaf/runtime/server.hpp>
#include <sheaf/server_status.hpp>

namespace sheaf::up {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Room for more costs every job a look at it, when the worker that claimed the job before may have died.
constexpr std::size_t workers_room = 64;

// How long processes may take to be ready before we wonder aloud.
constexpr auto usual_start = 10s;

// Workers say that they can serve just before they connect to the server, which may take some milliseconds more.
constexpr auto registration_patience = 2s;
constexpr auto between_looks = 5ms;

using event = std::function<host_plan::step(host_plan&)>;

// What happens on other threads, for the one that acts on it.
class event_queue {
  public:
    void push(event what) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(what));
        arrived_.notify_one();
    }
    /// Waits for `limit` at most. Empty when nothing has happened.
    [[nodiscard]] event take(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        if (!arrived_.wait_for(lock, limit, [this] { return !events_.empty(); })) return {};
        event first = std::move(events_.front());
        events_.pop_front();
        return first;
    }
    /// Waits for `limit` at most; whether there is something to be taken.
    [[nodiscard]] bool wait(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        return arrived_.wait_for(lock, limit, [this] { return !events_.empty(); });
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<event> events_;
};

// The file at a path as it is now: another build may take its place while the cluster runs.
class pinned_program {
  public:
    explicit pinned_program(const std::string& path) : file_(::open(path.c_str(), O_PATH | O_CLOEXEC)) {
        if (!file_) {
            throw runtime_failure({errc::io_error, path + ": " + std::generic_category().message(errno)});
        }
    }
    /// Leads to the file from any process of ours.
    [[nodiscard]] std::string path() const {
        return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(file_.get());
    }

  private:
    unique_fd file_;
};

runtime::server_options server_for(const host_options& how) {
    runtime::server_options result;
    result.listen = {{.host = {}, .port = 0, .path = how.paths.server_socket().string()}};
    result.listen.insert(result.listen.end(), how.listen.begin(), how.listen.end());
    return result;
}

class host {
  public:
    explicit host(host_options how)
        : how_(std::move(how)),
          program_(how_.program),
          plan_(how_.workers, workers_max(how_.workers, how_.slots), how_.grace),
          server_(server_for(how_)),
          control_(how_.paths.control_socket(), [this](auto from, const control_request& request) {
              events_.push([from, request](host_plan& plan) { return plan.on_request(from, request); });
          }) {}

    int run() {
        server_.start();
        save_state();
        const fetch::host_door exchange(server_.endpoints());
        detail::supervisor workers(supervise(exchange));
        std::atomic<int> signals{0};
        const detail::signal_watch watch({SIGINT, SIGTERM, SIGHUP}, [&](int number) {
            events_.push([number](host_plan& plan) { return plan.on_signal(number); });
            if (signals.fetch_add(1) > 0) workers.stop(0ms);
        });
        while (!plan_.is_ending()) {
            if (const event next = events_.take(usual_start)) {
                apply(next(plan_), workers);
            } else if (!ready_) {
                how_.on_event(
                    "the processes of " + how_.arguments.front() +
                    " run, but do not serve yet: what its main does before app.run(), or in on_worker_start(), "
                    "takes long");
            }
        }
        server_.stop_now();
        server_.wait();
        return plan_.exit_code();
    }

  private:
    [[nodiscard]] detail::supervisor_options supervise(const fetch::host_door& exchange) {
        detail::supervisor_options result;
        result.program = program_.path();
        result.arguments = how_.arguments;
        result.servers = to_string(server_.endpoints().front());
        result.variables = exchange.variables();
        result.processes = how_.workers;
        result.processes_max = workers_max(how_.workers, how_.slots);
        result.slots = how_.slots;
        result.start_limit = how_.start_limit;
        result.on_ready = [this] { events_.push([this](host_plan& plan) { return settle(plan); }); };
        result.on_failed = [this](const std::string& why) {
            how_.on_event(why);
            events_.push([](host_plan& plan) { return plan.on_failed(); });
        };
        result.on_event = how_.on_event;
        return result;
    }

    void apply(const host_plan::step& step, detail::supervisor& workers) {
        if (step.resize) {
            workers.resize(*step.resize);
            save_state();
        }
        for (const host_plan::answer& one : step.answers) control_.reply(one.to, one.with);
        if (step.end) workers.stop(*step.end);
    }

    host_plan::step settle(host_plan& plan) {
        await_registration(plan.workers());
        if (!std::exchange(ready_, true) && how_.on_ready) how_.on_ready(state());
        return plan.on_settled();
    }

    // Until the server knows as many workers, unless something else happens: waiting must not keep us from ending.
    void await_registration(std::size_t workers) {
        runtime::client asking({.servers = {server_.endpoints().front()}});
        const auto give_up = steady_clock::now() + registration_patience;
        do {
            const auto reports = sheaf::detail::ask_status(asking, registration_patience);
            const auto knows_all = [workers](const function_status& one) { return one.workers >= workers; };
            if (std::ranges::any_of(reports.front().functions, knows_all)) return;
        } while (!events_.wait(between_looks) && steady_clock::now() < give_up);
    }

    [[nodiscard]] cluster_state state() const {
        return {.pid = ::getpid(),
                .program = how_.program,
                .build = build_,
                .workers = plan_.workers(),
                .servers = server_.endpoints()};
    }
    void save_state() const { write_state(how_.paths.state, state()); }

    const host_options how_;
    const pinned_program program_;
    const file_identity build_ = identify(program_.path()).value_or(file_identity{});
    event_queue events_;
    host_plan plan_;
    runtime::server server_;
    control_server control_;
    bool ready_ = false;
};

}  // namespace

std::size_t workers_max(std::size_t workers, std::size_t slots) {
    const std::size_t fitting = detail::slot_board::slots_max / std::max<std::size_t>(1, slots);
    return std::max(workers, std::min(std::max(workers_room, 4 * workers), fitting));
}

int host_cluster(host_options how) { return host(std::move(how)).run(); }

}  // namespace sheaf::up
