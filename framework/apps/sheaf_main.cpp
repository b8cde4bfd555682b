// sheaf: the command line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "apps/command_options.hpp"
#include "apps/job_options.hpp"
#include "apps/queue_options.hpp"
#include "apps/run_options.hpp"
#include "apps/sheaf_commands.hpp"
#include "apps/tool_options.hpp"
#include "base/failure_text.hpp"
#include "base/parse_number.hpp"
#include "base/standard_descriptors.hpp"
#include "cluster/slot_board.hpp"
#include "cluster/standard_output.hpp"
#include <sheaf/runtime/server.hpp>

namespace {

using namespace sheaf::apps;

constexpr const char* about =
    "Sheaf's command line: a cluster of your own, workers for a job server, and what a server has to do.\n"
    "\n"
    "    sheaf up ./program          a job server and workers, until Ctrl-C or sheaf down\n"
    "    sheaf run ./program ARGS    the program, with its calls on that cluster\n"
    "    sheaf status                what waits, what runs, and who works\n"
    "    sheaf job, result, dead     background jobs: how far they are, what came of them, and those that failed for "
    "good\n"
    "    sheaf runs                  detached pipelines: how far they are, and ending them\n"
    "    sheaf submit -f resize a.png    raw Gearman jobs; with sheaf worker --exec and sheaf admin, for any language";
constexpr const char* exit_codes =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such cluster, or no server could be reached, 4 not done in "
    "time, "
    "128 + N ended by signal N. `sheaf status`: 0 all is well, 1 jobs wait that nobody offers to run, 2 wrong usage, 3 "
    "a "
    "server does not answer. `sheaf run`: the program's own, once it runs.";
constexpr const char* about_up =
    "Starts a job server and worker processes of PROGRAM, whose main calls sheaf::app::run, and starts another worker "
    "when "
    "one dies. Ready when it has printed how to use it. Ctrl-C, SIGTERM and `sheaf down` let running jobs end; a "
    "second "
    "signal does not.";
constexpr const char* about_worker =
    "Runs worker processes of PROGRAM, a program whose main calls sheaf::app::run, and starts another when one dies.\n"
    "Prints one line, \"sheaf worker ready: ...\", when all of them serve. SIGTERM and SIGINT let running jobs end; a "
    "second one does not.";
constexpr const char* start_limit_text =
    "Seconds in which each process has to reach sheaf::app::run, else all of them are ended; 0: no limit.";

void add_workers(CLI::App& command, std::size_t& processes, std::size_t& slots) {
    command.add_option("-n,--workers", processes, "How many processes. Default: one per core.")
        ->check(CLI::Range(1, 1024));
    command
        .add_option(
            "--slots", slots,
            "Jobs that one process runs at the same time, in threads. With more than one, a handler that crashes "
            "takes its neighbours with it.")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
}

void check_slots(std::size_t processes, std::size_t slots) {
    if (processes * slots <= sheaf::detail::slot_board::slots_max) return;
    throw CLI::ValidationError(
        "--slots", "--workers times --slots is more than " + std::to_string(sheaf::detail::slot_board::slots_max));
}

// "PATTERN=N"
sheaf::detail::dedicated_processes parse_dedicated(const std::string& text) {
    constexpr std::size_t most = 1024;
    const auto equals = text.rfind('=');
    const std::string number = equals == std::string::npos ? "" : text.substr(equals + 1);
    const auto processes = sheaf::parse_number<std::size_t>(number);
    if (equals == 0 || !processes || *processes == 0 || *processes > most) {
        throw CLI::ValidationError("--dedicated", "'" + text + "' is not PATTERN=N, such as 'img.*=2'");
    }
    return {text.substr(0, equals), *processes};
}

// What follows a command's own options.
std::vector<std::string> program_of(const CLI::App& command) {
    auto program = command.remaining();
    if (program.empty()) throw CLI::RequiredError("PROGRAM");
    if (program.front().starts_with('-')) throw CLI::ExtrasError({program.front()});
    return program;
}

std::string wrong_usage(const CLI::App* app, const CLI::Error& why) {
    const auto unknown = app->remaining();
    const bool has_command = !app->get_subcommands().empty() || unknown.empty() || unknown.front().starts_with('-');
    const std::string what = has_command ? why.what() : "there is no command \"" + unknown.front() + "\"";
    return "sheaf: " + what + "\nRun with --help for more information.\n";
}

class command_line {
  public:
    command_line() {
        app.require_subcommand(1);
        app.failure_message(wrong_usage);
        app.set_version_flag("--version", version_text());
        app.footer(exit_codes);
        describe_up();
        describe_run();
        describe_status();
        describe_scale();
        describe_down();
        describe_worker();
        tools.emplace(app, [this](std::function<int()> chosen) { command = std::move(chosen); });
        runs.emplace(app, [this](std::function<int()> chosen) { command = std::move(chosen); });
        jobs.emplace(app, [this](std::function<int()> chosen) { command = std::move(chosen); });
        queue.emplace(app, [this](std::function<int()> chosen) { command = std::move(chosen); });
        app.add_subcommand("version", "Prints the version.")->parse_complete_callback([this] {
            command = [] {
                std::puts(version_text().c_str());
                return exit_ok;
            };
        });
    }

    int run() { return command(); }

    CLI::App app{about, "sheaf"};

  private:
    static std::string version_text() { return "sheaf " + std::string(sheaf::runtime::version()); }

    void describe_up() {
        CLI::App* const one = app.add_subcommand("up", about_up);
        up.workers = std::max(1U, std::thread::hardware_concurrency());
        add_workers(*one, up.workers, up.slots);
        add_name(*one, up.name)->default_val(sheaf::up::default_name);
        one->add_option("--listen", listen,
                        "HOST:PORT on which it can be reached from other machines, too, or several.")
            ->type_name("ADDRESS[,ADDRESS]");
        one->add_flag("-d,--detach", up.detach, "Return when it is ready; it goes on, and writes a log.");
        add_seconds(*one, "--grace", grace_s,
                    "Seconds that running jobs are given when it is told to stop by a signal.");
        add_seconds(*one, "--start-timeout", start_limit_s, start_limit_text);
        one->prefix_command();
        one->footer("PROGRAM and its arguments come last: sheaf up --workers 4 ./program --its-own-option");
        one->parse_complete_callback([this, one] {
            if (!listen.empty()) up.listen = parse_servers("--listen", listen);
            up.grace = milliseconds(grace_s);
            up.start_limit = milliseconds(start_limit_s);
            up.program = program_of(*one);
            check_slots(up.workers, up.slots);
            command = [this] { return run_up(up); };
        });
    }

    void describe_run() {
        CLI::App* const one = app.add_subcommand("run", "Runs PROGRAM with its calls on a cluster that is up.");
        add_name(*one, run_how.name)->default_val(sheaf::up::default_name);
        one->prefix_command();
        one->footer("PROGRAM and its arguments come last: sheaf run ./program --its-own-option");
        one->parse_complete_callback([this, one] {
            run_how.program = program_of(*one);
            command = [this] { return run_run(run_how); };
        });
    }

    void describe_status() {
        CLI::App* const one =
            app.add_subcommand("status", "Shows the functions that job servers know, and their jobs.");
        add_target(*one, status.where);
        one->add_flag("--json", status.json, "For programs.");
        one->add_flag("--all", status.internal, "Sheaf's own functions, too.");
        one->add_option("--timeout", timeout_s, "Seconds to wait for an answer.")
            ->check(CLI::Range(0.001, 3600.0))
            ->capture_default_str();
        one->parse_complete_callback([this] {
            status.timeout = milliseconds(timeout_s);
            command = [this] { return run_status(status); };
        });
    }

    void describe_scale() {
        CLI::App* const one = app.add_subcommand(
            "scale",
            "Changes how many worker processes a cluster has. Those that are too many end when what they run has.");
        one->add_option("N", scale.workers, "How many there are to be.")->required()->check(CLI::Range(1, 4096));
        add_name(*one, scale.name)->default_val(sheaf::up::default_name);
        add_seconds(*one, "--timeout", scale_timeout_s, "Seconds to wait for it.");
        one->parse_complete_callback([this] {
            scale.timeout = milliseconds(scale_timeout_s);
            command = [this] { return run_scale(scale); };
        });
    }

    void describe_down() {
        CLI::App* const one = app.add_subcommand("down", "Ends a cluster, and waits until it has gone.");
        add_name(*one, down.name)->default_val(sheaf::up::default_name);
        add_seconds(*one, "--grace", down_grace_s, "Seconds that running jobs are given.");
        one->parse_complete_callback([this] {
            down.grace = milliseconds(down_grace_s);
            command = [this] { return run_down(down); };
        });
    }

    void describe_worker() {
        CLI::App* const one = app.add_subcommand("worker", about_worker);
        worker.processes = std::max(1U, std::thread::hardware_concurrency());
        add_target(*one, worker.where);
        add_workers(*one, worker.processes, worker.slots);
        one->add_option("--only", worker.only,
                        "Which tasks they offer: 'img.*,log.parse' these, '!img.*' all but these.")
            ->type_name("PATTERN[,PATTERN]");
        one->add_option("--dedicated", dedicated,
                        "More processes, which offer only the tasks that PATTERN means, and these are offered by no "
                        "others: so at most N of them run at once, and they never wait for other tasks.")
            ->type_name("PATTERN=N")
            ->allow_extra_args(false);
        CLI::Option* const exec_option =
            one->add_option(
                   "--exec", exec_functions,
                   "In place of PROGRAM: offers FUNCTION, and runs COMMAND in a shell for each of its jobs, with the "
                   "payload for input; its output is the result. A job fails when the command does.")
                ->type_name("FUNCTION=COMMAND")
                ->allow_extra_args(false);
        one->add_flag("--stream", exec.stream, "With --exec: send output on as it comes, as data; there is no result.")
            ->needs(exec_option);
        one->add_option("--jobs", exec.jobs_max, "With --exec: end after so many jobs.")
            ->check(CLI::Range(1, 1000000000))
            ->needs(exec_option);
        add_seconds(*one, "--grace", worker_grace_s, "Seconds that running jobs are given when it is told to stop.");
        add_seconds(*one, "--start-timeout", start_limit_s, start_limit_text);
        one->prefix_command();
        one->footer(
            std::string(which_server) +
            "\nPROGRAM and its arguments come last: sheaf worker --server jobs:4730 ./program --its-own-option");
        one->parse_complete_callback([this, one] {
            if (!exec_functions.empty()) return choose_exec(*one);
            worker.grace = milliseconds(worker_grace_s);
            worker.start_limit = milliseconds(start_limit_s);
            worker.program = program_of(*one);
            std::size_t processes = worker.processes;
            for (const std::string& text : dedicated) {
                worker.dedicated.push_back(parse_dedicated(text));
                processes += worker.dedicated.back().processes;
            }
            check_slots(processes, worker.slots);
            command = [this] { return run_worker(worker); };
        });
    }

    void choose_exec(const CLI::App& one) {
        if (!one.remaining().empty() || !worker.only.empty() || !dedicated.empty()) {
            throw CLI::ValidationError("--exec", "goes without PROGRAM, --only and --dedicated");
        }
        for (const std::string& text : exec_functions) exec.functions.push_back(parse_exec(text));
        exec.where = worker.where;
        exec.slots = worker.processes * worker.slots;
        exec.grace = milliseconds(worker_grace_s);
        command = [this] { return run_exec(exec); };
    }

    std::vector<std::string> dedicated;
    std::function<int()> command;
    up_command up;
    run_command run_how;
    status_command status;
    scale_command scale;
    down_command down;
    worker_command worker;
    exec_command exec;
    std::optional<tool_options> tools;
    std::optional<job_options> jobs;
    std::optional<run_options> runs;
    std::optional<queue_options> queue;
    std::vector<std::string> exec_functions;
    std::string listen;
    double grace_s = 10;
    double down_grace_s = 10;
    double worker_grace_s = 15;
    double scale_timeout_s = 30;
    double start_limit_s = std::chrono::duration<double>(default_start_limit).count();
    double timeout_s = 5;
};

int run(int argc, char** argv) {
    command_line line;
    try {
        line.app.parse(argc, argv);
        return line.run();
    } catch (const CLI::ParseError& why) {
        return line.app.exit(why) == 0 ? exit_ok : exit_usage;
    } catch (const sheaf::runtime_failure& why) {
        return report("sheaf", sheaf::error_of(why));
    } catch (const std::exception& why) {
        std::fprintf(stderr, "sheaf: %s\n", why.what());
        return exit_failed;
    }
}

}  // namespace

int main(int argc, char** argv) {
    sheaf::open_closed_standard_descriptors();
    const int code = run(argc, argv);
    const auto fault = sheaf::detail::flush_standard_output();
    if (!fault) return code;
    std::fprintf(stderr, "sheaf: %s\n", fault->c_str());
    return code == exit_ok ? exit_failed : code;
}
