// Keeps worker processes running: starts them, starts them again when they die, and ends them.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/restart_policy.hpp"

namespace sheaf::detail {

/// What a worker process is sent that is to stop at once what it runs. SIGTERM, be it one or many, lets it finish that first.
inline constexpr int stop_signal = SIGUSR2;
/// What it is sent that is to finish what it runs, however long that takes: its supervisor ends, and tells it when to stop.
inline constexpr int drain_signal = SIGUSR1;
/// How long a worker process goes on with what it runs when somebody tells it to end by SIGTERM.
inline constexpr std::chrono::milliseconds drain_grace{10000};

/// With this exit code a worker says that it ended itself because a handler did not stop when its time was up.
inline constexpr int stuck_exit_code = 75;

/// Processes that serve some tasks only, which the others then do not: as many at once as there are slots here.
struct dedicated_processes {
    std::string only;           ///< a shell pattern for names of tasks
    std::size_t processes = 1;  ///< of one slot each, or as many as supervisor_options::slots says
};

struct supervisor_options {
    std::string program;                   ///< the path of a program whose main calls app::run
    std::vector<std::string> arguments;    ///< its argv, the name first
    std::string servers;                   ///< SHEAF_SERVER of the workers
    std::vector<std::string> variables{};  ///< "NAME=value": more of their environment
    std::size_t processes = 1;
    std::size_t processes_max = 0;                 ///< what resize() may ask for; 0: as many as `processes`
    std::size_t slots = 1;                         ///< handler threads per process
    std::string only{};                            ///< what is offered only, as SHEAF_ONLY; empty: all
    std::vector<dedicated_processes> dedicated{};  ///< beside `processes`; resize() leaves them alone
    restart_limits limits;
    /// How long a process may take from its start to app.run(); who has not reached it by then is not going to. 0: for ever.
    std::chrono::milliseconds start_limit{0};
    /// Called on the supervisor's thread when every process has been ready; after each resize() again, when those that
    /// were too many are gone as well.
    std::function<void()> on_ready;
    /// Called at most once, on the supervisor's thread: the workers cannot be kept running, and why.
    std::function<void(const std::string& why)> on_failed;
    /// Called on the supervisor's thread with a line for a person, as when a worker has died.
    std::function<void(const std::string& line)> on_event;
};

/// One thread that owns N worker processes of one program. The workers die with that thread, however it ends (see
/// PR_SET_PDEATHSIG): so they never outlive the process that wanted them. What they write to standard error comes out of ours,
/// and the end of it is told of a worker that is lost. A worker process that should have ended, because a
/// handler of it did not stop, and has not, is sent SIGTERM, and then SIGKILL. Where SIGCHLD is ignored, its default is put
/// back.
class supervisor {
  public:
    /// Starts the thread, which starts the processes. Throws runtime_failure when there is no shared memory for them.
    explicit supervisor(supervisor_options how);
    /// Ends what still runs, by force.
    ~supervisor();
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    /// From now on there are to be `processes` of them, 1 to processes_max. Returns at once: processes that are too many
    /// take no new job, and end when what they run has ended. From any thread.
    void resize(std::size_t processes);

    /// Asks all workers to finish what they run, tells those that have not after `grace` to stop it, kills those that go on for as
    /// long again, though no longer than a second, and returns when all are gone.
    /// From any thread; a shorter `grace` may be given while another call waits.
    void stop(std::chrono::milliseconds grace);

    /// How many processes run now.
    [[nodiscard]] std::size_t running() const noexcept;

  private:
    class shepherd;
    std::unique_ptr<shepherd> shepherd_;
};

}  // namespace sheaf::detail
