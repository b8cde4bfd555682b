// How many calls per second go from one client through a job server to workers in processes of their own, and back.
//
//   bench_calls [--server ADDRESS] [--workers N] [--slots N] [--payload BYTES] [--seconds S] [--window N]... [--work US]
//
// Without --server a server of our own is started in a process of its own. One line for each window: jobs per second, and how
// long one call took (median and 99 %).
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>

#include "sheaf/runtime/client.hpp"
#include "sheaf/runtime/server.hpp"
#include "sheaf/runtime/worker.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;
using namespace sheaf;

struct settings {
    std::string server;
    std::size_t workers = 2;
    std::size_t slots = 1;
    std::size_t payload = 64;
    double seconds = 2;
    std::vector<std::size_t> windows{1, 32, 1000};
    unsigned work_us = 0;
    std::size_t grabs_max = 32;
};

// Runs a job server in a child process, until that is killed or its parent has gone; `where` is told its address.
pid_t start_server(endpoint& where) {
    int ends[2];
    if (pipe(ends) != 0) return -1;
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        runtime::server server({.listen = {{"127.0.0.1", 0, {}}}});
        const std::uint16_t port = server.endpoints().front().port;
        if (write(ends[1], &port, sizeof port) != sizeof port) _exit(1);
        server.run();
        _exit(0);
    }
    close(ends[1]);
    const bool told = read(ends[0], &where.port, sizeof where.port) == sizeof where.port;
    close(ends[0]);
    where.host = "127.0.0.1";
    return told ? child : -1;
}

// Runs in a child process until it is told to end, or its parent has gone.
[[noreturn]] void serve(const settings& how, const endpoint& server) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    runtime::worker_options options;
    options.servers = {server};
    options.slots = how.slots;
    options.grabs_max = how.grabs_max;
    runtime::worker worker(options);
    worker.offer("bench.echo", [&how](runtime::assignment& job) {
        const auto until = clock_type::now() + std::chrono::microseconds(how.work_us);
        while (how.work_us != 0 && clock_type::now() < until) {
        }
        return runtime::job_answer::complete(job.payload());
    });
    std::thread waiter([&] {
        int got = 0;
        sigwait(&ends, &got);
        worker.drain();
    });
    worker.run();
    waiter.join();
    _exit(0);
}

// Keeps `window` calls in flight until told to stop; then lets them end.
class caller : public runtime::job_listener {
  public:
    caller(runtime::client& client, std::size_t window, std::size_t payload)
        : client_(client), began_(window), payload_(std::string(payload, 'x')) {}

    void run(double seconds) {
        const auto start = clock_type::now();
        for (std::size_t i = 0; i < began_.size(); ++i) submit(i);
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
        stop_ = true;
        std::unique_lock lock(door_);
        done_.wait(lock, [this] { return ended_ == began_.size(); });
        report(std::chrono::duration<double>(clock_type::now() - start).count());
    }

    void on_end(std::uint64_t tag, runtime::job_end end) override {
        if (end.how != runtime::job_end::kind::complete || end.data.size() != payload_.size()) {
            std::fprintf(stderr, "bench_calls: a call failed: %s\n", end.why.message.c_str());
            ++failed_;
        }
        times_.push_back(std::chrono::duration<float, std::micro>(clock_type::now() - began_[tag]).count());
        if (!stop_ && failed_ == 0) return submit(tag);
        const std::lock_guard lock(door_);
        ++ended_;
        done_.notify_all();
    }

  private:
    void submit(std::size_t place) {
        began_[place] = clock_type::now();
        client_.submit({.function = "bench.echo", .payload = payload_, .deadline = began_[place] + 30s},
                       std::shared_ptr<runtime::job_listener>(std::shared_ptr<void>(), this), place);
    }

    void report(double seconds) {
        std::sort(times_.begin(), times_.end());
        const auto at = [this](double part) {
            return times_[static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1))];
        };
        std::printf("window %5zu: %9.0f calls/s   median %7.0f us   99 %% %7.0f us   failed %zu\n", began_.size(),
                    static_cast<double>(times_.size()) / seconds, static_cast<double>(at(0.5)),
                    static_cast<double>(at(0.99)), failed_);
        std::fflush(stdout);
    }

    runtime::client& client_;
    std::vector<clock_type::time_point> began_;
    shared_bytes payload_;
    std::vector<float> times_;
    std::atomic<bool> stop_{false};
    std::size_t failed_ = 0;
    std::mutex door_;
    std::condition_variable done_;
    std::size_t ended_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    settings how;
    CLI::App app("Measures calls per second through a job server");
    app.add_option("--server", how.server, "address of the job server");
    app.add_option("--workers", how.workers, "worker processes");
    app.add_option("--slots", how.slots, "handler threads per worker");
    app.add_option("--payload", how.payload, "bytes per call, each way");
    app.add_option("--seconds", how.seconds, "time per window");
    app.add_option("--window", how.windows, "calls in flight; may be given more than once");
    app.add_option("--work", how.work_us, "microseconds that a handler keeps busy");
    app.add_option("--grabs", how.grabs_max, "grabs in flight per slot, at most");
    CLI11_PARSE(app, argc, argv);

    endpoint server;
    pid_t server_process = 0;
    if (how.server.empty()) {
        server_process = start_server(server);
    } else if (const auto given = parse_endpoint(how.server)) {
        server = *given;
    } else {
        std::fprintf(stderr, "bench_calls: %s\n", given.error().message.c_str());
        return 2;
    }
    if (server_process < 0) {
        std::fprintf(stderr, "bench_calls: the server could not be started\n");
        return 1;
    }
    std::vector<pid_t> workers;
    for (std::size_t i = 0; i < how.workers; ++i) {
        const pid_t child = fork();
        if (child == 0) serve(how, server);
        workers.push_back(child);
    }
    {
        runtime::client_options options;
        options.servers = {server};
        runtime::client client(options);
        for (const std::size_t window : how.windows) caller(client, window, how.payload).run(how.seconds);
    }
    for (const pid_t worker : workers) kill(worker, SIGTERM);
    for (const pid_t worker : workers) waitpid(worker, nullptr, 0);
    if (server_process != 0) {
        kill(server_process, SIGKILL);
        waitpid(server_process, nullptr, 0);
    }
    return 0;
}
