#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <signal.h>
#include <utility>

#include "apps/find_program.hpp"
#include "apps/server_wait.hpp"
#include "apps/sheaf_commands.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/supervisor.hpp"
#include "fetch/host_door.hpp"

namespace sheaf::apps {
namespace {

using detail::supervisor;

// How long processes may take to be ready before we wonder aloud.
constexpr std::chrono::seconds usual_start{10};

void say(const std::string& line) { std::fprintf(stderr, "sheaf worker: %s\n", line.c_str()); }

// What other threads tell the main thread.
class news {
  public:
    void ready() {
        const std::lock_guard lock(mutex_);
        ready_ = true;
        changed_.notify_all();
    }
    void failed(const std::string& why) {
        say(why);
        const std::lock_guard lock(mutex_);
        failed_ = true;
        changed_.notify_all();
    }
    /// Returns whether it is the first.
    bool signalled(int number) {
        const std::lock_guard lock(mutex_);
        const bool first = signal_ == 0;
        signal_ = number;
        changed_.notify_all();
        return first;
    }

    /// Waits until all processes are ready or it is time to end; false when neither comes within `limit`.
    bool wait_ready(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [this] { return ready_ || over(); });
    }
    /// Waits until it is time to end, `limit` at most. Returns whether it is.
    bool wait_over(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [this] { return over(); });
    }
    void wait_over() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return over(); });
    }

    [[nodiscard]] int exit_code() {
        const std::lock_guard lock(mutex_);
        if (failed_) return exit_failed;
        return signal_ == 0 || signal_ == SIGTERM ? exit_ok : 128 + signal_;
    }

  private:
    [[nodiscard]] bool over() const { return failed_ || signal_ != 0; }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ready_ = false;
    bool failed_ = false;
    int signal_ = 0;
};

std::string all_of(const std::vector<endpoint>& servers) {
    std::string text;
    for (const endpoint& one : servers) text += (text.empty() ? "" : ",") + to_string(one);
    return text;
}

void serve(const worker_command& what, const std::vector<endpoint>& servers, news& tidings) {
    while (!tidings.wait_ready(usual_start)) {
        say("processes of " + what.program.front() +
            " are running, but do not serve yet: what its main does before app.run(), "
            "or in on_worker_start(), takes long");
    }
    wait_for_server(
        servers, [&](std::chrono::milliseconds limit) { return tidings.wait_over(limit); }, say);
    if (!tidings.wait_over(std::chrono::milliseconds(0))) {
        std::size_t processes = what.processes;
        for (const auto& some : what.dedicated) processes += some.processes;
        std::printf("sheaf worker ready: %zu %s of %s at %s\n", processes, processes == 1 ? "process" : "processes",
                    what.program.front().c_str(), all_of(servers).c_str());
        std::fflush(stdout);
    }
    tidings.wait_over();
}

}  // namespace

int run_worker(const worker_command& what) {
    const auto program = find_program(what.program.front());
    if (!program) {
        say(no_program(what.program.front()));
        return exit_failed;
    }
    ::signal(SIGPIPE, SIG_IGN);  // as in `sheaf up`
    const auto where = find_target(what.where);
    if (!where) return report("sheaf worker", where.error());
    news tidings;
    const fetch::host_door exchange(where->servers);
    supervisor workers({.program = *program,
                        .arguments = what.program,
                        .servers = all_of(where->servers),
                        .variables = exchange.variables(),
                        .processes = what.processes,
                        .slots = what.slots,
                        .only = what.only,
                        .dedicated = what.dedicated,
                        .limits = {},
                        .start_limit = what.start_limit,
                        .on_ready = [&] { tidings.ready(); },
                        .on_failed = [&](const std::string& why) { tidings.failed(why); },
                        .on_event = say});
    const detail::signal_watch watch({SIGINT, SIGTERM}, [&](int number) {
        if (!tidings.signalled(number)) std::_Exit(128 + number);  // the workers die with us
        say("stopping " + std::to_string(workers.running()) + " processes when their jobs have ended");
    });
    serve(what, where->servers, tidings);
    workers.stop(what.grace);
    return tidings.exit_code();
}

}  // namespace sheaf::apps
