#include "cluster/worker_process.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <random>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "cluster/child_process.hpp"
#include "cluster/control_name.hpp"
#include "cluster/job_runner.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/supervisor.hpp"
#include "cluster/worker_host.hpp"

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

worker_host_options options_for(const std::string& name, const role& as, inheritance& inherited) {
    worker_host_options how;
    how.servers = as.servers;
    if (inherited.board) {
        how.board = &*inherited.board;
        how.slots = inherited.board->slots_of(as.under->first_slot, as.under->slots);
    }
    how.control = control_name_for(as, inherited);
    how.services.program = name;
    how.on_stuck = [name](std::string_view task) {
        std::fprintf(stderr, "%s: worker process %d ends: the handler of %.*s did not stop when it was asked to\n",
                     name.c_str(), ::getpid(), static_cast<int>(task.size()), task.data());
        std::_Exit(stuck_exit_code);
    };
    return how;
}

int serve(const std::string& name, std::span<const binding> tasks, const role& as, inheritance& inherited) {
    const bool supervised = as.under.has_value();
    worker_host worker(options_for(name, as, inherited), tasks);

    bool draining = false;  // only used by the watch's thread
    const auto on_signal = [&](int number) {
        if (number == SIGINT && supervised) return;  // whoever was interrupted tells us what to do
        if (std::exchange(draining, true)) std::_Exit(128 + number);
        worker.drain();
    };
    const signal_watch watch({SIGTERM, SIGINT}, on_signal, inherited.lifeline.get(), [] { std::_Exit(exit_failure); });
    if (supervised) report_ready(inherited.lifeline, as.under->first_slot);
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
