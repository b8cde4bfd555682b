// sheaf: the command line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/sheaf_commands.hpp"
#include "base/standard_descriptors.hpp"
#include "cluster/slot_board.hpp"
#include <sheaf/runtime/server.hpp>

namespace {

using namespace sheaf::apps;

constexpr const char* about = "Sheaf's command line: workers for a job server, and what the server does.";
constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server could be reached, 4 no answer in time, 128 + N ended by "
    "signal N.";
constexpr const char* about_worker =
    "Runs worker processes of PROGRAM, a program whose main calls sheaf::app::run, and starts another when one dies.\n"
    "Prints one line, \"sheaf worker ready: ...\", when all of them serve. SIGTERM and SIGINT let running jobs end; a "
    "second one does not.";

void add_server_option(CLI::App& command, std::string& servers) {
    command
        .add_option("-s,--server", servers, "HOST:PORT or unix:/PATH of a job server, or several with commas between.")
        ->envname("SHEAF_SERVER")
        ->required()
        ->type_name("ADDRESS[,ADDRESS]");
}

std::vector<sheaf::endpoint> parse_servers(const std::string& text) {
    auto parsed = sheaf::parse_endpoints(text);
    if (!parsed) throw CLI::ValidationError("--server", parsed.error().message);
    return *std::move(parsed);
}

struct command_line {
    CLI::App app{std::string(about) + "\n" + exit_codes, "sheaf"};
    CLI::App* worker = app.add_subcommand("worker", about_worker);
    CLI::App* status = app.add_subcommand("status", "Shows the functions that a job server knows, and their jobs.");
    CLI::App* version = app.add_subcommand("version", "Prints the version.");

    std::string servers;
    worker_command worker_how;
    status_command status_how;
    double grace_s = 15;
    double timeout_s = 5;

    command_line() {
        worker_how.processes = std::max(1U, std::thread::hardware_concurrency());
        app.require_subcommand(1);
        app.set_version_flag("--version", version_text());
        add_server_option(*worker, servers);
        worker->add_option("-n,--workers", worker_how.processes, "How many processes. Default: one per core.")
            ->check(CLI::Range(1, 1024));
        worker
            ->add_option("--slots", worker_how.slots,
                         "Jobs that one process runs at the same time, in threads. With more than one, a handler that "
                         "crashes takes its neighbours with it.")
            ->check(CLI::Range(1, 1024))
            ->capture_default_str();
        worker->add_option("--grace", grace_s, "Seconds that running jobs are given when it is told to stop.")
            ->check(CLI::Range(0.0, 86400.0))
            ->capture_default_str();
        worker->prefix_command();
        worker->footer(
            "PROGRAM and its arguments come last: sheaf worker --server jobs:4730 ./program --its-own-option");
        add_server_option(*status, servers);
        status->add_option("--timeout", timeout_s, "Seconds to wait for an answer.")
            ->check(CLI::Range(0.001, 3600.0))
            ->capture_default_str();
    }

    static std::string version_text() { return "sheaf " + std::string(sheaf::runtime::version()); }

    int run() {
        const auto milliseconds = [](double seconds) {
            return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
        };
        if (version->parsed()) {
            std::puts(version_text().c_str());
            return exit_ok;
        }
        if (status->parsed()) {
            status_how.servers = parse_servers(servers);
            status_how.timeout = milliseconds(timeout_s);
            return run_status(status_how);
        }
        worker_how.servers = parse_servers(servers);
        worker_how.grace = milliseconds(grace_s);
        if (worker_how.processes * worker_how.slots > sheaf::detail::slot_board::slots_max) {
            throw CLI::ValidationError("--slots", "--workers times --slots is more than " +
                                                      std::to_string(sheaf::detail::slot_board::slots_max));
        }
        worker_how.program = worker->remaining();
        if (worker_how.program.empty()) throw CLI::RequiredError("PROGRAM");
        if (worker_how.program.front().starts_with('-')) throw CLI::ExtrasError({worker_how.program.front()});
        return run_worker(worker_how);
    }
};

}  // namespace

int main(int argc, char** argv) {
    sheaf::open_closed_standard_descriptors();
    command_line line;
    try {
        line.app.parse(argc, argv);
        return line.run();
    } catch (const CLI::ParseError& why) {
        return line.app.exit(why) == 0 ? exit_ok : exit_usage;
    } catch (const std::exception& why) {
        std::fprintf(stderr, "sheaf: %s\n", why.what());
        return exit_failed;
    }
}
