#include "apps/queue_options.hpp"

#include <utility>

#include "apps/command_options.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* about_import =
    "Submits the jobs that a gearmand has left in the file of its queue libsqlite3, with their keys, priorities, times "
    "and payloads as they are. Stop that gearmand first. The file stays as it is.\n"
    "What the server has taken is noted beside it, in FILE.imported, so that a second run sends only what is new, or "
    "was left out, whatever gearmand has done with the file meanwhile. A job that was under way when an import was "
    "killed is looked for by its key; one without a key is sent again.";

constexpr const char* about_backup =
    "Copies the queue of a server that goes on meanwhile, to backups/NAME.sqlite in its data directory. Asked for from "
    "the server's own machine. To go on with a copy, give it to a server that is not running, as jobs.sqlite in a "
    "directory of its own: it has the jobs, results and dead letters of that moment, under the same handles.";

constexpr const char* about_check =
    "Reads the whole queue in DIR, a server's --data-dir (or a copy of a queue), and says what it holds and what is "
    "wrong with it. No server may be using it.";

}  // namespace

queue_options::queue_options(CLI::App& app, std::function<void(std::function<int()>)> choose)
    : choose_(std::move(choose)) {
    CLI::App* const queue = app.add_subcommand("queue", "For the jobs that servers keep on their disks.");
    queue->require_subcommand(1);
    describe_import(*queue);
    describe_backup(*queue);
    describe_check(*queue);
}

void queue_options::describe_import(CLI::App& queue) {
    CLI::App* const one = queue.add_subcommand("import", about_import);
    add_target(*one, import_.where);
    one->add_option("FILE", import_.file, "gearmand's --libsqlite3-db.")->required();
    one->add_option("--table", import_.table, "gearmand's --libsqlite3-table.")->default_val("gearman_queue");
    one->add_flag("--dry-run", import_.dry_run, "Say what there is, and submit nothing.");
    one->add_flag("--again", import_.again, "Send all of them, whatever has been imported to this server before.");
    one->add_option("-j,--parallel", import_.parallel, "How many jobs may be out at once.")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    add_seconds(*one, "--timeout", import_timeout_s_, "Seconds in which the server has to take each job.");
    one->footer(std::string(which_server) +
                "\nExit codes: 0 all are there, 1 some were left out, as it says, 2 wrong usage, 3 no server could be "
                "reached, 4 the server "
                "took too long.");
    one->parse_complete_callback([this] {
        import_.timeout = milliseconds(import_timeout_s_);
        choose_([this] { return run_queue_import(import_); });
    });
}

void queue_options::describe_backup(CLI::App& queue) {
    CLI::App* const one = queue.add_subcommand("backup", about_backup);
    add_target(*one, backup_.where);
    one->add_option("NAME", backup_.name, "Letters, digits, dots, dashes and underscores.")->required();
    add_seconds(*one, "--timeout", backup_timeout_s_, "Seconds that it may take.");
    one->footer(std::string(which_server) +
                "\nExit codes: 0 it is there, 1 it is not, as it says, 2 wrong usage, 3 no server could be reached.");
    one->parse_complete_callback([this] {
        backup_.timeout = milliseconds(backup_timeout_s_);
        choose_([this] { return run_queue_backup(backup_); });
    });
}

void queue_options::describe_check(CLI::App& queue) {
    CLI::App* const one = queue.add_subcommand("check", about_check);
    one->add_option("DIR", checked_, "The directory, or the file itself.")->required();
    one->footer("Exit codes: 0 all is well, 1 something is wrong, as it says, 2 wrong usage.");
    one->parse_complete_callback([this] { choose_([this] { return run_queue_check(checked_); }); });
}

}  // namespace sheaf::apps
