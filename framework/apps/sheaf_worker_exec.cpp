// Workers that run commands of the shell: jobs for programs that know nothing of Gearman.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <signal.h>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "apps/server_wait.hpp"
#include "apps/sheaf_commands.hpp"
#include "apps/shell_command.hpp"
#include "base/printable.hpp"
#include "cluster/signal_watch.hpp"
#include <sheaf/runtime/worker.hpp>

namespace sheaf::apps {
namespace {

void say(const std::string& line) { std::fprintf(stderr, "sheaf worker: %s\n", line.c_str()); }

/// A job that a command does.
class exec_job {
  public:
    exec_job(runtime::assignment& job, const std::string& command, bool streams, std::size_t output_max)
        : job_(job), command_(command), streams_(streams), output_max_(output_max) {}

    runtime::job_answer run() {
        const auto ended = run_shell({.text = command_,
                                      .environment = {"SHEAF_JOB_HANDLE=" + std::string(job_.handle()),
                                                      "SHEAF_JOB_FUNCTION=" + std::string(job_.function()),
                                                      "SHEAF_JOB_UNIQUE=" + std::string(job_.unique())},
                                      .input = job_.payload().view(),
                                      .stop = job_.stop_token(),
                                      .on_output = [this](std::string_view some) { return take(some); }});
        if (is_too_large_) {
            return exception("the command's output is larger than " + std::to_string(output_max_) + " bytes");
        }
        if (ended.signal != 0 || ended.code != 0) return failed(ended);
        return runtime::job_answer::complete(shared_bytes(output_));
    }

  private:
    bool take(std::string_view some) {
        if (streams_) {
            job_.send_data(some);
            return true;
        }
        is_too_large_ = output_.size() + some.size() > output_max_;
        if (!is_too_large_) output_ += some;
        return !is_too_large_;
    }

    runtime::job_answer failed(const detail::exit_report& how) {
        const std::string what = "'" + printable(command_) + "' " + detail::describe(how);
        say(printable(job_.function()) + " (" + printable(job_.handle()) + "): " + what);
        job_.send_warning(what);
        return runtime::job_answer::fail();
    }

    static runtime::job_answer exception(const std::string& why) {
        return runtime::job_answer::exception(shared_bytes(std::string_view(why)));
    }

    runtime::assignment& job_;
    const std::string& command_;
    bool streams_;
    std::size_t output_max_;
    std::string output_;
    bool is_too_large_ = false;
};

// The worker connects by itself; this is for who waits for the line.
void tell_when_ready(const std::vector<endpoint>& servers, std::size_t functions, const std::stop_token& stop) {
    std::mutex door;
    std::condition_variable_any never;
    const auto is_over = [&](std::chrono::milliseconds limit) {
        std::unique_lock lock(door);
        never.wait_for(lock, stop, limit, [] { return false; });
        return stop.stop_requested();
    };
    wait_for_server(servers, is_over, say);
    if (stop.stop_requested()) return;
    std::printf("sheaf worker ready: %zu %s\n", functions, functions == 1 ? "function" : "functions");
    std::fflush(stdout);
}

}  // namespace

int run_exec(const exec_command& what) {
    ::signal(SIGPIPE, SIG_IGN);  // a command need not read its input
    const auto where = find_target(what.where);
    if (!where) return report("sheaf worker", where.error());
    runtime::worker_options how;
    how.servers = where->servers;
    how.id = "sheaf-worker";
    how.slots = what.slots;
    how.jobs_max = what.jobs_max;
    how.drain_grace = what.grace;
    runtime::worker worker(how);
    for (const exec_function& one : what.functions) {
        worker.offer(one.function, [&one, &what, most = how.message_bytes_max](runtime::assignment& job) {
            return exec_job(job, one.command, what.stream, most).run();
        });
    }
    int signals = 0;
    std::atomic<int> last_signal = 0;
    const detail::signal_watch watch({SIGINT, SIGTERM}, [&](int number) {
        if (++signals == 1) {
            last_signal = number;
            say("stopping when running commands have ended; another signal ends them");
            return worker.drain();
        }
        if (signals > 2) std::_Exit(128 + number);
        worker.stop();  // a command that does not heed SIGTERM has a second
    });
    const std::jthread teller(
        [&](const std::stop_token& stop) { tell_when_ready(where->servers, what.functions.size(), stop); });
    worker.run();
    return last_signal == SIGINT ? 128 + SIGINT : exit_ok;
}

}  // namespace sheaf::apps
