#include "apps/job_options.hpp"

#include <utility>

#include "apps/command_options.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* about_job =
    "Shows how far a background job is, and what it waits for. JOB is its handle, or the id of a typed job, which "
    "leads to its server.";
constexpr const char* about_result =
    "Waits until a background job has ended, and prints its result: as it is, without Sheaf's envelope; for a "
    "terminal, escaped.";
constexpr const char* about_dead =
    "Shows background jobs that failed as often as they may be tried, queues them again, or forgets them.";

// JOB or --unique; one of them.
void add_job(CLI::App& command, job_address& which) {
    CLI::Option* const unique =
        command.add_option("-u,--unique", which.unique, "The job with this unique key; of several, the newest.");
    command.add_option("JOB", which.job, "Its handle, such as H:ant:17, or id.")->excludes(unique);
}

void check_job(const job_address& which) {
    if (which.job.empty() && which.unique.empty()) throw CLI::RequiredError("JOB or --unique");
}

}  // namespace

job_options::job_options(CLI::App& app, std::function<void(std::function<int()>)> choose) : choose_(std::move(choose)) {
    describe_job(app);
    describe_result(app);
    describe_dead(app);
}

void job_options::describe_job(CLI::App& app) {
    CLI::App* const one = app.add_subcommand("job", about_job);
    add_target(*one, job_.where);
    add_job(*one, job_.which);
    one->add_flag("--json", job_.json, "For programs: what sheaf.job answers.");
    add_seconds(*one, "--timeout", job_timeout_s_, "Seconds to wait for an answer.");
    one->footer(std::string(which_server) +
                "\nExit codes: 0 it waits, runs or has a result, 1 it is a dead letter or unknown, 2 wrong usage, 3 no "
                "server could be reached, 4 it did not answer in time.");
    one->parse_complete_callback([this] {
        check_job(job_.which);
        job_.timeout = milliseconds(job_timeout_s_);
        choose_([this] { return run_job(job_); });
    });
}

void job_options::describe_result(CLI::App& app) {
    CLI::App* const one = app.add_subcommand("result", about_result);
    add_target(*one, result_.where);
    add_job(*one, result_.which);
    one->add_flag("--raw", result_.raw, "With the envelope, and as it is for a terminal, too.");
    one->add_flag("-v,--verbose", result_.verbose, "Print the job's progress on standard error.");
    add_seconds(*one, "-t,--timeout", result_timeout_s_, "Seconds to wait for its end; 0: as long as it takes.");
    one->footer(std::string(which_server) +
                "\nExit codes: 0 done, 1 the job has failed, or it or its result is not known, 2 wrong usage, 3 no "
                "server could be reached, 4 it has not ended in time.");
    one->parse_complete_callback([this] {
        check_job(result_.which);
        result_.timeout = milliseconds(result_timeout_s_);
        choose_([this] { return run_result(result_); });
    });
}

void job_options::describe_dead(CLI::App& app) {
    using verb = dead_command::verb;
    CLI::App* const dead = app.add_subcommand("dead", about_dead);
    dead->require_subcommand(1);
    CLI::App* const list = describe_verb(*dead, "list", verb::list, "Lists them, newest first, a thousand at most.");
    list->add_option("FUNCTION", dead_.function, "Only those of this function.");
    add_job(*describe_verb(*dead, "show", verb::show,
                           "Shows one: its payload, what its worker sent, and its last warnings."),
            dead_.which);
    describe_all(
        *describe_verb(*dead, "retry", verb::retry, "Queues them again, with all their attempts before them."));
    describe_all(*describe_verb(*dead, "purge", verb::purge, "Forgets them."));
}

CLI::App* job_options::describe_verb(CLI::App& dead, const std::string& name, dead_command::verb what,
                                     const std::string& text) {
    CLI::App* const one = dead.add_subcommand(name, text);
    add_target(*one, dead_.where);
    one->add_flag("--json", dead_.json, "For programs: what sheaf.dead answers, a line for each server.");
    add_seconds(*one, "--timeout", dead_timeout_s_, "Seconds to wait for an answer.");
    one->footer(std::string(which_server) +
                "\nExit codes: 0 done, 1 there is no such dead letter, 2 wrong usage, 3 no server could be reached, 4 "
                "it did not answer in time.");
    one->parse_complete_callback([this, what] {
        const bool is_list = what == dead_command::verb::list;
        if (!is_list && !all_) check_job(dead_.which);
        dead_.what = what;
        dead_.timeout = milliseconds(dead_timeout_s_);
        choose_([this] { return run_dead(dead_); });
    });
    return one;
}

void job_options::describe_all(CLI::App& verb) {
    add_job(verb, dead_.which);
    CLI::Option* const all = verb.add_flag("--all", all_, "All of them.");
    for (const char* const other : {"JOB", "--unique"}) verb.get_option(other)->excludes(all);
    verb.add_option("-f,--function", dead_.function, "With --all: only those of this function.")->needs(all);
}

}  // namespace sheaf::apps
