#include "apps/tool_options.hpp"

#include <utility>

#include "apps/command_options.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* about_submit =
    "Submits jobs to a Gearman server and prints their results. Payloads are the arguments, the contents of --file, or "
    "else "
    "standard input: all of it is one job, or each line with -n or -N.";
constexpr const char* about_admin =
    "Sends a command of Gearman's text protocol to each server and prints the answer: status, prioritystatus, workers, "
    "show jobs, show unique jobs, cancel job HANDLE, maxqueue FUNCTION [N | HIGH NORMAL LOW], create function "
    "FUNCTION, "
    "drop function FUNCTION, version, verbose, getpid.";

}  // namespace

exec_function parse_exec(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw CLI::ValidationError("--exec", "'" + text + "' is not FUNCTION=COMMAND, such as 'upper=tr a-z A-Z'");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

tool_options::tool_options(CLI::App& app, std::function<void(std::function<int()>)> choose)
    : choose_(std::move(choose)) {
    describe_submit(app);
    describe_admin(app);
}

void tool_options::describe_submit(CLI::App& app) {
    using input = submit_command::input;
    using runtime::job_priority;
    CLI::App* const one = app.add_subcommand("submit", about_submit);
    add_target(*one, submit_.where);
    one->add_option("-f,--function", submit_.functions, "Which function; with several, each payload is sent to each.")
        ->required()
        ->allow_extra_args(false);
    CLI::Option* const background =
        one->add_flag("-b,--background", submit_.background, "Print the job's handle, and do not wait for it to run.");
    one->add_option("-u,--unique", submit_.unique,
                    "The job's key: jobs of a function with the same key are one; - makes a key of the payload.");
    CLI::Option* const high = one->add_flag_callback(
        "-I,-H,--high", [this] { submit_.priority = job_priority::high; }, "With high priority.");
    one->add_flag_callback(
           "-L,--low", [this] { submit_.priority = job_priority::low; }, "With low priority.")
        ->excludes(high);
    CLI::Option* const data = one->add_option("DATA", submit_.payloads, "Payloads, a job for each.");
    CLI::Option* const file =
        one->add_option("--file", submit_.files, "Files, a job for the contents of each.")->allow_extra_args(false);
    const auto add_input = [&](const std::string& names, input from, const std::string& what) {
        return one
            ->add_flag_callback(
                names, [this, from] { submit_.from = from; }, what)
            ->excludes(data)
            ->excludes(file);
    };
    CLI::Option* const lines =
        add_input("-n,--lines", input::lines, "Each line of standard input is a job, with its end.");
    CLI::Option* const stripped =
        add_input("-N,--stripped-lines", input::stripped_lines, "As -n, without it; each result then ends a line.");
    add_input("--no-input", input::none, "One job without a payload.")->excludes(lines)->excludes(stripped);
    stripped->excludes(lines);
    one->add_flag("-P,--prefix", submit_.prefix, "Begin each line of the output with the function's name.");
    one->add_flag("-v,--verbose", submit_.verbose, "Print the jobs' status on standard error.");
    one->add_option("-j,--parallel", submit_.parallel, "How many jobs may be out at once. Results come in order.")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    add_seconds(*one, "-t,--timeout", submit_timeout_s_, "Seconds that each job may take; 0: as long as it likes.");
    one->add_option("--retries", submit_.retries, "How often a job that fails is submitted again.")
        ->check(CLI::Range(0, 1000000));
    add_terms(*one, *background);
    one->footer(std::string(which_server) +
                "\nExit code 1 when a job has failed, 3 when no server could be reached, 4 when one took too long.");
    one->parse_complete_callback([this, one] {
        take_terms(*one);
        submit_.timeout = milliseconds(submit_timeout_s_);
        choose_([this] { return run_submit(submit_); });
    });
}

// Terms are only sent where somebody wants them: other servers take none.
void tool_options::add_terms(CLI::App& submit, CLI::Option& background) {
    add_seconds(submit, "--delay", submit_delay_s_,
                "With -b: seconds before the job may run, up to a hundred years. This and the next two need sheafd.",
                100 * 366 * seconds_of_day)
        ->needs(&background);
    submit.add_option("--attempts", terms_.attempts, "With -b: how often the server tries the job, in all.")
        ->check(CLI::Range(1, 1000000))
        ->needs(&background);
    submit.add_option("--keep", submit_keep_s_, "With -b: for how many seconds its result is kept; 0: not at all.")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{100} * 366 * 24 * 3600))
        ->needs(&background);
}

void tool_options::take_terms(const CLI::App& submit) {
    terms_.delay = milliseconds(submit_delay_s_);
    if (submit.count("--keep") > 0) terms_.keep = std::chrono::seconds(submit_keep_s_);
    if (submit.count("--delay") + submit.count("--attempts") + submit.count("--keep") > 0) submit_.terms = terms_;
}

void tool_options::describe_admin(CLI::App& app) {
    CLI::App* const one = app.add_subcommand("admin", about_admin);
    add_target(*one, admin_.where);
    add_seconds(*one, "--timeout", admin_timeout_s_, "Seconds to wait for an answer.");
    one->add_option("COMMAND", admin_.words, "The command and its arguments.")->required();
    one->footer(std::string(which_server) + "\nExit code 1 when a server answers with an error.");
    one->parse_complete_callback([this] {
        admin_.timeout = milliseconds(admin_timeout_s_);
        choose_([this] { return run_admin(admin_); });
    });
}

}  // namespace sheaf::apps
