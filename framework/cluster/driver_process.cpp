#include "cluster/driver_process.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <signal.h>
#include <span>
#include <stop_token>
#include <string_view>

#include "cluster/inproc_host.hpp"
#include "cluster/local_cluster.hpp"
#include "cluster/periodic_threads.hpp"
#include "cluster/signal_watch.hpp"
#include "cluster/waiting_notes.hpp"

namespace sheaf::detail {
namespace {

using namespace std::chrono_literals;

constexpr int exit_failure = 1;

void say(const std::string& name, std::string_view text) {
    std::fprintf(stderr, "%s: %.*s\n", name.c_str(), static_cast<int>(text.size()), text.data());
}

// Why and how a driver is made to end before it wants to. Any thread.
class interruption {
  public:
    interruption(std::string name, std::size_t local_workers) : name_(std::move(name)), local_workers_(local_workers) {}

    [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

    /// A first signal asks the driver to end, the next one does not ask.
    void on_signal(int number) {
        if (signal_.exchange(number) != 0) std::_Exit(128 + number);
        say(name_, local_workers_ == 0 ? std::string("interrupted: ending the calls that are out")
                                       : "interrupted: stopping " + std::to_string(local_workers_) +
                                             (local_workers_ == 1 ? " worker" : " workers"));
        stop_.request_stop();
    }

    void on_workers_failed(const std::string& why) {
        say(name_, why);
        failed_ = true;
        stop_.request_stop();
    }

    /// The exit code of a driver that would have ended with `code`.
    [[nodiscard]] int exit_code(int code) const {
        if (const int number = signal_; number != 0) return 128 + number;
        return failed_ ? exit_failure : code;
    }
    [[nodiscard]] bool requested() const noexcept { return stop_.stop_requested(); }

  private:
    const std::string name_;
    const std::size_t local_workers_;
    std::stop_source stop_;
    std::atomic<int> signal_{0};
    std::atomic<bool> failed_{false};
};

int run_main(const std::string& name, const interruption& end, const app::driver& main, cluster& with,
             std::span<const std::string> arguments) {
    try {
        return main(with, arguments);
    } catch (const cancelled& why) {
        // Who interrupts a program knows why its calls are cancelled.
        if (!end.requested()) say(name, why.what());
    } catch (const std::exception& why) {
        say(name, why.what());
    } catch (...) {
        say(name, "the driver threw something that is not a std::exception");
    }
    return exit_failure;
}

// Where the calls of a driver go, and what has to live for as long as it makes them.
struct backing {
    std::vector<endpoint> servers;
    std::shared_ptr<void> lifetime;
};

backing find_backing(const worker_program& program, const std::vector<std::string>& argv, const role& as,
                     interruption& end) {
    if (as.in_process) {
        auto host = std::make_shared<inproc_host>(program, as.local_workers);
        return {{host->server()}, std::move(host)};
    }
    if (!as.servers.empty()) return {as.servers, nullptr};
    auto local = std::make_shared<local_cluster>(
        local_cluster_options{.arguments = argv,
                              .workers = as.local_workers,
                              .on_failed = [&end](const std::string& why) { end.on_workers_failed(why); },
                              .on_event = [&program](const std::string& line) { say(program.name, line); }});
    return {{local->server()}, std::move(local)};
}

// Looks at the servers now and then, and says what waits for want of workers. `client` outlives what is returned.
std::unique_ptr<periodic_threads> watch_for_waiting(const worker_program& program, bool own_cluster,
                                                    runtime::client& client) {
    std::set<std::string> bound;
    for (const binding& task : program.tasks) bound.insert(task.name);
    const auto notes = std::make_shared<waiting_notes>(std::move(bound), own_cluster);
    const auto look = [notes, &client, name = program.name] {
        for (const std::string& line : notes->look(ask_status(client, 1s))) say(name, line);
    };
    return std::make_unique<periodic_threads>(program.name, std::vector<periodic_work>{{own_cluster ? 1s : 10s, look}});
}

}  // namespace

int drive(const worker_program& program, const std::vector<std::string>& argv, const role& as,
          const app::driver& main) {
    const std::size_t local_workers = as.servers.empty() ? as.local_workers : 0;
    interruption end(program.name, local_workers);
    const signal_watch watch({SIGINT, SIGTERM}, [&end](int number) { end.on_signal(number); });
    const backing behind = find_backing(program, argv, as, end);
    const auto engine = std::make_shared<call_engine>(behind.servers);
    const std::stop_callback cancel_calls(end.token(), [&engine] { engine->cancel_all(); });
    cluster calls(engine, behind.lifetime, local_workers, end.token());
    const auto waiting = watch_for_waiting(program, as.servers.empty(), engine->client());
    const auto arguments = std::span(argv).subspan(argv.empty() ? 0 : 1);
    return end.exit_code(run_main(program.name, end, main, calls, arguments));
}

}  // namespace sheaf::detail
