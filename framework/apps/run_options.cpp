#include "apps/run_options.hpp"

#include <utility>

#include "apps/command_options.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* about_runs =
    "Shows detached pipelines, which their server carries on by itself, and ends them. (sheaf run is another command: "
    "it "
    "runs a program.)";

}  // namespace

run_options::run_options(CLI::App& app, std::function<void(std::function<int()>)> choose) : choose_(std::move(choose)) {
    using verb = runs_command::verb;
    CLI::App* const runs = app.add_subcommand("runs", about_runs);
    runs->require_subcommand(1);
    CLI::App* const list = describe_verb(*runs, "list", verb::list,
                                         "Lists those that go on or have ended, newest first, a thousand at most.");
    list->add_flag("--json", runs_.json, "For programs: what sheaf.run answers, a line for each server.");
    CLI::App* const show =
        describe_verb(*runs, "show", verb::show, "Shows one: what it waits for or why it has failed, and its stages.");
    show->add_flag("--json", runs_.json, "For programs: what sheaf.run answers.");
    CLI::App* const cancel = describe_verb(
        *runs, "cancel", verb::cancel, "Ends one: what waits is dropped, and the result of what runs counts no more.");
    for (CLI::App* const one : {show, cancel}) one->add_option("RUN", runs_.run, "Its id.")->required();
}

CLI::App* run_options::describe_verb(CLI::App& runs, const std::string& name, runs_command::verb what,
                                     const std::string& text) {
    CLI::App* const one = runs.add_subcommand(name, text);
    add_target(*one, runs_.where);
    add_seconds(*one, "--timeout", timeout_s_, "Seconds to wait for an answer.");
    one->footer(
        std::string(which_server) +
        "\nExit codes: 0 done, 1 there is no such run, or it has ended before, 2 wrong usage, 3 no server could "
        "be reached.");
    one->parse_complete_callback([this, what] {
        runs_.what = what;
        runs_.timeout = milliseconds(timeout_s_);
        choose_([this] { return run_runs(runs_); });
    });
    return one;
}

}  // namespace sheaf::apps
