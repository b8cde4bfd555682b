#include "cluster/worker_process.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <random>
#include <signal.h>
#include <sys/prctl.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "cluster/child_process.hpp"
#include "cluster/control_name.hpp"
#include "cluster/core_share.hpp"
#include "cluster/job_runner.hpp"
#include "cluster/lifeline.hpp"
#include "cluster/offered_tasks.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/supervisor.hpp"
#include "cluster/worker_environment.hpp"
#include "cluster/worker_host.hpp"
#include "fetch/this_host.hpp"
#include <sheaf/cluster.hpp>

namespace sheaf::detail {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

// Longer than anybody waits: whoever wants it to end before tells it to stop.
constexpr std::chrono::hours as_long_as_it_takes{48};

// The two descriptors that a supervisor gives its workers.
struct inheritance {
    std::optional<slot_board> board;
    unique_fd lifeline;
};

unique_fd adopt(int descriptor) {
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);  // programs that a handler starts have no part in it
    return unique_fd(descriptor);
}

// A supervisor may end between our start and prctl: then nobody sends the signal, but our parent is another one.
void die_with(pid_t supervisor) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() == supervisor) return;
    if (::kill(supervisor, 0) == 0) {
        std::fputs(
            "this worker process is not the one that its supervisor has started: a script in between has to "
            "become the program, by `exec`\n",
            stderr);
    }
    std::_Exit(exit_failure);
}

inheritance take_inheritance(const supervision& under) {
    die_with(under.supervisor);
    inheritance result{slot_board::attach(adopt(board_descriptor)), adopt(lifeline_descriptor)};
    if (under.first_slot + under.slots > result.board->slots()) {
        throw runtime_failure({errc::malformed, "the supervisor's shared memory has too few slots"});
    }
    send_lifeline_message(result.lifeline.get(),
                          {.what = lifeline_message::kind::reached, .first_slot = under.first_slot});
    return result;
}

std::string host_name() {
    const std::string name = worker_name(::getpid());
    return name.substr(0, name.find('/'));
}

// A successor of this process takes orders under the same name: some servers never forget a function.
std::string control_name_for(const role& as, const inheritance& inherited) {
    if (inherited.board) {
        return control_name(host_name(), as.under->supervisor, as.under->first_slot, inherited.board->nonce());
    }
    std::random_device random;
    return control_name(host_name(), ::getpid(), 0, (std::uint64_t{random()} << 32) | random());
}

// What the process tells its supervisor, if it has one. Any thread.
class reports {
  public:
    reports(const role& as, const inheritance& inherited, std::chrono::milliseconds stop_grace)
        : descriptor_(as.under ? inherited.lifeline.get() : -1),
          first_slot_(as.under ? as.under->first_slot : 0),
          stop_grace_(stop_grace) {}

    void ready() const { send({.what = lifeline_message::kind::ready}); }
    void stopping(std::size_t slot) const {
        send({.what = lifeline_message::kind::stopping, .slot = slot, .limit = stop_grace_});
    }
    void stopped(std::size_t slot) const { send({.what = lifeline_message::kind::stopped, .slot = slot}); }
    void ending(std::chrono::milliseconds grace) const {
        send({.what = lifeline_message::kind::ending, .limit = grace + stop_grace_});
    }

  private:
    void send(lifeline_message what) const {
        what.first_slot = first_slot_;
        if (descriptor_ >= 0) send_lifeline_message(descriptor_, what);
    }

    const int descriptor_;
    const std::size_t first_slot_;
    const std::chrono::milliseconds stop_grace_;
};

// Made when a handler first asks for it, and for the rest of the process: most workers make no calls.
class own_cluster {
  public:
    explicit own_cluster(const std::vector<endpoint>& servers) : servers_(servers) {}

    [[nodiscard]] cluster& get() {
        const std::lock_guard lock(door_);
        if (!cluster_) cluster_.emplace(std::make_shared<call_engine>(servers_), nullptr, 0);
        return *cluster_;
    }

  private:
    const std::vector<endpoint> servers_;
    std::mutex door_;
    std::optional<cluster> cluster_;
};

void add_process_to(worker_host_options& how, const role& as, inheritance& inherited) {
    if (inherited.board) {
        how.board = &*inherited.board;
        how.slots = inherited.board->slots_of(as.under->first_slot, as.under->slots);
    }
    how.control = control_name_for(as, inherited);
    how.on_stuck = [name = how.services.program](std::string_view task) {
        std::fprintf(stderr, "%s: worker process %d ends: the handler of %.*s did not stop when it was asked to\n",
                     name.c_str(), ::getpid(), static_cast<int>(task.size()), task.data());
        std::_Exit(stuck_exit_code);
    };
}

int serve(const worker_program& program, std::span<const binding> tasks, const role& as, const worker_environment& wish,
          inheritance& inherited) {
    const bool supervised = as.under.has_value();
    const reports tell(as, inherited, wish.stop_grace);
    own_cluster calls(as.servers);
    worker_host_options how;
    how.servers = as.servers;
    how.services.program = program.name;
    how.stop_grace = wish.stop_grace;
    how.setup = program.setup;
    how.services.own_cluster = [&calls]() -> cluster& { return calls.get(); };
    how.on_ready = [&tell] { tell.ready(); };
    how.on_stopping = [&tell](std::size_t slot) { tell.stopping(slot); };
    how.on_stopped = [&tell](std::size_t slot) { tell.stopped(slot); };
    add_process_to(how, as, inherited);
    worker_host worker(std::move(how), tasks);

    int told = 0;  // only used by the watch's thread
    const auto on_signal = [&](int number) {
        if (number == stop_signal) return worker.stop();
        if (number == drain_signal) {
            told = std::max(told, 1);
            tell.ending(as_long_as_it_takes);
            return worker.drain(as_long_as_it_takes);
        }
        // Whoever was interrupted tells us what to do; and of two that end all processes, one may be our supervisor.
        if (supervised && (number == SIGINT || told != 0)) return;
        switch (told++) {
            case 0: tell.ending(drain_grace); return worker.drain(drain_grace);
            case 1: return worker.stop();
            default: std::_Exit(128 + number);
        }
    };
    const signal_watch watch({SIGTERM, SIGINT, stop_signal, drain_signal}, on_signal, inherited.lifeline.get(),
                             [] { std::_Exit(exit_failure); });
    worker.run();
    return 0;
}

int fail_usage(const std::string& name, const std::string& why) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), why.c_str());
    return exit_usage;
}

}  // namespace

int serve_tasks(const worker_program& program, const role& as) {
    if (program.tasks.empty()) {
        std::fprintf(stderr, "%s: this program binds no task, so it cannot be a worker\n", program.name.c_str());
        return exit_failure;
    }
    const auto wish = take_worker_environment();
    if (!wish) return fail_usage(program.name, wish.error().message);
    const std::size_t slots = as.under ? as.under->slots : 1;
    const auto tasks = offered_tasks(program.tasks, wish->only, {.index = wish->index, .slots = slots});
    if (!tasks) return fail_usage(program.name, tasks.error().message);
    inheritance inherited = as.under ? take_inheritance(*as.under) : inheritance{};
    fetch::this_host::get().settle(fetch::take_door_address(), as.servers);
    ::signal(SIGXFSZ, SIG_IGN);                  // a file that may not grow is an error of its write, not a lost worker
    ::prctl(PR_SET_NAME, program.name.c_str());  // a local cluster starts us by a path that ends in "exe"
    const std::size_t share = share_of_cores(std::thread::hardware_concurrency(), wish->processes);
    const core_share threads(wish->threads != 0 ? wish->threads : share);
    return serve(program, *tasks, as, *wish, inherited);
}

}  // namespace sheaf::detail
