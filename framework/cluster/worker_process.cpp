#include "cluster/worker_process.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "cluster/child_process.hpp"
#include "cluster/job_runner.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/supervisor.hpp"

namespace sheaf::detail {
namespace {

constexpr int exit_failure = 1;

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
    if (::getppid() != supervisor) std::_Exit(exit_failure);
}

inheritance take_inheritance(const supervision& under) {
    die_with(under.supervisor);
    inheritance result{slot_board::attach(adopt(board_descriptor)), adopt(lifeline_descriptor)};
    if (under.first_slot + under.slots > result.board->slots()) {
        throw runtime_failure({errc::malformed, "the supervisor's shared memory has too few slots"});
    }
    return result;
}

void report_ready(const unique_fd& lifeline, std::size_t first_slot) {
    const auto number = static_cast<std::uint32_t>(first_slot);
    ::send(lifeline.get(), &number, sizeof number, MSG_NOSIGNAL | MSG_DONTWAIT);
}

runtime::worker_options options_for(const std::string& name, const role& as, const job_runner& runner) {
    runtime::worker_options how;
    how.servers = as.servers;
    how.id = name + "/" + worker_name(::getpid());
    how.slots = as.under ? as.under->slots : 1;
    how.on_stuck = [name, &runner](std::string_view function, std::size_t slot) {
        std::fprintf(stderr, "%s: worker process %d ends: the handler of %.*s did not stop when its time was up\n",
                     name.c_str(), ::getpid(), static_cast<int>(function.size()), function.data());
        runner.abandon(slot);
        std::_Exit(stuck_exit_code);
    };
    return how;
}

void offer_all(runtime::worker& worker, std::span<const binding> tasks, const job_runner& runner) {
    for (const binding& task : tasks) {
        worker.offer(task.name, [&task, &runner](runtime::assignment& job) { return runner.run(task, job); });
    }
}

int serve(const std::string& name, std::span<const binding> tasks, const role& as, inheritance& inherited) {
    const bool supervised = as.under.has_value();
    const std::size_t first_slot = supervised ? as.under->first_slot : 0;
    const job_runner runner(inherited.board ? &*inherited.board : nullptr, first_slot, as.servers);
    runtime::worker worker(options_for(name, as, runner));
    offer_all(worker, tasks, runner);

    bool draining = false;  // only used by the watch's thread
    const auto on_signal = [&](int number) {
        if (number == SIGINT && supervised) return;  // whoever was interrupted tells us what to do
        if (std::exchange(draining, true)) std::_Exit(128 + number);
        worker.drain();
    };
    const signal_watch watch({SIGTERM, SIGINT}, on_signal, inherited.lifeline.get(), [] { std::_Exit(exit_failure); });
    if (supervised) report_ready(inherited.lifeline, first_slot);
    worker.run();
    return 0;
}

}  // namespace

int serve_tasks(const std::string& name, std::span<const binding> tasks, const role& as) {
    if (tasks.empty()) {
        std::fprintf(stderr, "%s: this program binds no task, so it cannot be a worker\n", name.c_str());
        return exit_failure;
    }
    inheritance inherited = as.under ? take_inheritance(*as.under) : inheritance{};
    ::signal(SIGXFSZ, SIG_IGN);          // a file that may not grow is an error of its write, not a lost worker
    ::prctl(PR_SET_NAME, name.c_str());  // a local cluster starts us by a path that ends in "exe"
    return serve(name, tasks, as, inherited);
}

}  // namespace sheaf::detail
