#include "apps/queue_options.hpp"

#include <utility>

#include "apps/command_options.hpp"

namespace sheaf::apps {
namespace {

constexpr const char* about_import =
    "Submits the jobs that a gearmand has left in the file of its queue libsqlite3, with their keys, priorities, times "
    "and payloads as they are. Stop that gearmand first. The file stays as it is.\n"
    "How far it has come is noted beside it, in FILE.imported, so that a second run goes on where the first one ended. "
    "Those that were sent twice all the same coalesce by their keys; a job without a key is sent alone, and noted at "
    "once.";

}  // namespace

queue_options::queue_options(CLI::App& app, std::function<void(std::function<int()>)> choose)
    : choose_(std::move(choose)) {
    CLI::App* const queue = app.add_subcommand("queue", "For the jobs that servers keep on their disks.");
    queue->require_subcommand(1);
    describe_import(*queue);
}

void queue_options::describe_import(CLI::App& queue) {
    CLI::App* const one = queue.add_subcommand("import", about_import);
    add_target(*one, import_.where);
    one->add_option("FILE", import_.file, "gearmand's --libsqlite3-db.")->required();
    one->add_option("--table", import_.table, "gearmand's --libsqlite3-table.")->default_val("gearman_queue");
    one->add_flag("--dry-run", import_.dry_run, "Say what there is, and submit nothing.");
    one->add_flag("--again", import_.again, "Begin at the front, whatever has been imported to this server before.");
    one->add_option("-j,--parallel", import_.parallel, "How many jobs may be out at once.")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    add_seconds(*one, "--timeout", import_timeout_s_, "Seconds in which the server has to take each job.");
    one->footer(
        std::string(which_server) +
        "\nExit codes: 0 all are there, 1 some are not, as it says, 2 wrong usage, 3 no server could be reached.");
    one->parse_complete_callback([this] {
        import_.timeout = milliseconds(import_timeout_s_);
        choose_([this] { return run_queue_import(import_); });
    });
}

}  // namespace sheaf::apps
