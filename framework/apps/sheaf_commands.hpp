// The commands of `sheaf`, once their arguments have been read. Each returns the exit code.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/job_address.hpp"
#include "apps/named_cluster.hpp"
#include "cluster/supervisor.hpp"
#include <sheaf/runtime/client.hpp>

namespace sheaf::apps {

// Exit codes of all commands. A signal gives 128 + its number.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_cannot_connect = 3;
inline constexpr int exit_timeout = 4;

/// The exit code for it.
[[nodiscard]] int exit_code_of(const error& why);
/// Prints `why` on standard error, as from `command`, and returns the exit code for it.
int report(const char* command, const error& why);

/// What a process of a program has for getting from its start to app.run(): supervisor_options::start_limit.
inline constexpr std::chrono::milliseconds default_start_limit{10000};

struct up_command {
    std::string name;                        ///< of the cluster
    std::size_t workers = 1;                 ///< processes
    std::size_t slots = 1;                   ///< handler threads per process
    std::vector<endpoint> listen;            ///< besides the Unix-domain socket
    std::chrono::milliseconds grace{10000};  ///< for running jobs, when it is told to stop by a signal
    std::chrono::milliseconds start_limit{default_start_limit};
    bool detach = false;               ///< go on without the terminal, with a log
    std::vector<std::string> program;  ///< its name or path, and its arguments
};
/// `sheaf up`: runs a job server and workers until it is told to stop.
[[nodiscard]] int run_up(const up_command& what);

struct run_command {
    std::string name;
    std::vector<std::string> program;
};
/// `sheaf run`: becomes a program that makes its calls on a cluster. Returns only when it cannot.
[[nodiscard]] int run_run(const run_command& what);

struct scale_command {
    std::string name;
    std::size_t workers = 1;
    std::chrono::milliseconds timeout{30000};
};
/// `sheaf scale`: changes how many worker processes a cluster has.
[[nodiscard]] int run_scale(const scale_command& what);

struct down_command {
    std::string name;
    std::chrono::milliseconds grace{10000};  ///< for running jobs
};
/// `sheaf down`: ends a cluster and waits until it has gone.
[[nodiscard]] int run_down(const down_command& what);

struct worker_command {
    target_options where;
    std::size_t processes = 1;
    std::size_t slots = 1;  ///< handler threads per process
    std::string only;       ///< which tasks they offer; empty: all
    std::vector<detail::dedicated_processes> dedicated;
    std::chrono::milliseconds grace{15000};  ///< for running jobs, when it is told to stop
    std::chrono::milliseconds start_limit{default_start_limit};
    std::vector<std::string> program;  ///< its name or path, and its arguments
};
/// `sheaf worker`: keeps worker processes of a program running until it is told to stop.
[[nodiscard]] int run_worker(const worker_command& what);

/// A function, and the command of the shell that does its jobs.
struct exec_function {
    std::string function;
    std::string command;
};

struct exec_command {
    target_options where;
    std::vector<exec_function> functions;
    std::size_t slots = 1;     ///< commands that run at once
    std::size_t jobs_max = 0;  ///< it ends after so many; 0: any number
    bool stream = false;       ///< what they write is sent on as it comes, as data; else all of it is the result
    std::chrono::milliseconds grace{15000};  ///< for running commands, when it is told to stop
};
/// `sheaf worker --exec`: runs a command per job until it is told to stop, or has run so many.
[[nodiscard]] int run_exec(const exec_command& what);

struct submit_command {
    enum class input : std::uint8_t {
        whole,           ///< all of standard input is one job's payload
        lines,           ///< each line of it is, with its end
        stripped_lines,  ///< each line, without; each result then ends with one
        none,            ///< one job without a payload
    };

    target_options where;
    std::vector<std::string> functions;  ///< each payload is sent to each
    std::vector<std::string> payloads;   ///< with files, in place of standard input
    std::vector<std::string> files;      ///< whose contents are payloads
    input from = input::whole;
    std::string unique;
    runtime::job_priority priority = runtime::job_priority::normal;
    bool background = false;                    ///< prints handles, and waits for no result
    bool prefix = false;                        ///< each line of the output begins with the function's name
    bool verbose = false;                       ///< status on standard error
    std::size_t parallel = 16;                  ///< jobs out at once; their results are printed in order
    std::chrono::milliseconds timeout{0};       ///< for each job; 0: none
    std::uint32_t retries = 0;                  ///< how often a job that has failed is submitted again
    std::optional<runtime::job_terms> terms{};  ///< of background jobs, for Sheaf's own server
};
/// `sheaf submit`: submits raw jobs and prints their results.
[[nodiscard]] int run_submit(const submit_command& what);

struct job_command {
    target_options where;
    job_address which;
    std::chrono::milliseconds timeout{5000};
    bool json = false;
};
/// `sheaf job`: prints how far a job is. 1 when it is a dead letter or unknown.
[[nodiscard]] int run_job(const job_command& what);

struct result_command {
    target_options where;
    job_address which;
    std::chrono::milliseconds timeout{0};  ///< 0: as long as it takes
    bool raw = false;
    bool verbose = false;
};
/// `sheaf result`: waits for a job's end and prints its result.
[[nodiscard]] int run_result(const result_command& what);

struct dead_command {
    enum class verb : std::uint8_t { list, show, retry, purge };

    target_options where;
    verb what = verb::list;
    job_address which;     ///< neither is set: all of them
    std::string function;  ///< of all, only those of this function; empty: of any
    std::chrono::milliseconds timeout{5000};
    bool json = false;
};
/// `sheaf dead`: background jobs that will not be tried again by themselves.
[[nodiscard]] int run_dead(const dead_command& what);

struct runs_command {
    enum class verb : std::uint8_t { list, show, cancel };

    target_options where;
    verb what = verb::list;
    std::string run;  ///< its id; not of list
    std::chrono::milliseconds timeout{5000};
    bool json = false;
};
/// `sheaf runs`: detached pipelines, which their server carries on by itself. 1 when there is no such run.
[[nodiscard]] int run_runs(const runs_command& what);

struct admin_command {
    target_options where;
    std::vector<std::string> words;
    std::chrono::milliseconds timeout{5000};
};
/// `sheaf admin`: sends a command of Gearman's text protocol and prints the answer.
[[nodiscard]] int run_admin(const admin_command& what);

struct status_command {
    target_options where;
    std::chrono::milliseconds timeout{5000};
    bool json = false;
    bool internal = false;  ///< functions of Sheaf itself, too
};
/// `sheaf status`: prints what the servers have to do. Its exit code is that of up::status_exit_code().
[[nodiscard]] int run_status(const status_command& what);

struct queue_import_command {
    target_options where;
    std::string file;                          ///< gearmand's, of its queue libsqlite3
    std::string table;                         ///< in it
    bool dry_run = false;                      ///< say what there is, and submit nothing
    bool again = false;                        ///< jobs that have been imported to this server, too
    std::size_t parallel = 100;                ///< jobs out at once
    std::chrono::milliseconds timeout{10000};  ///< for each of them to be taken
};
struct queue_backup_command {
    target_options where;
    std::string name;  ///< of the copy
    std::chrono::milliseconds timeout{std::chrono::hours(1)};
};

/// `sheaf queue backup`: has a server copy its queue beside it, and says where the copy is.
[[nodiscard]] int run_queue_backup(const queue_backup_command& what);
/// `sheaf queue check`: says what the queue at `path`, a file or a server's data directory, holds, and what is wrong with it.
[[nodiscard]] int run_queue_check(const std::string& path);

/// `sheaf queue import`: submits the jobs that a gearmand has left in its SQLite file.
[[nodiscard]] int run_queue_import(const queue_import_command& what);

}  // namespace sheaf::apps
