// Starting a process that dies with the thread that started it.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace sheaf::detail {

/// The descriptors under which a worker finds what it shares with its supervisor.
inline constexpr int board_descriptor = 3;
inline constexpr int lifeline_descriptor = 4;

/// A descriptor of ours, and the number that it has in a child.
struct placed_descriptor {
    int ours = -1;
    int theirs = -1;
};

/// What to start. The child gets a process group of its own (a terminal's Ctrl-C does not reach it), no signal blocked or
/// ignored, and no descriptors but an empty standard input, our standard output and standard error, and, in addition to or
/// in place of these, those that are named here.
struct child_command {
    std::string program;                         ///< a path; it is not looked up
    std::vector<std::string> arguments;          ///< the program's name first
    std::vector<std::string> environment;        ///< all of it, "NAME=value" each
    std::vector<placed_descriptor> descriptors;  ///< not changed here, and to be closed by their owner
};

/// Starts it. The kernel sends it SIGKILL when the calling thread ends, however that comes about, and whatever the program is
/// (posix_spawn cannot ask for that). Throws std::system_error, also when the program cannot be executed.
[[nodiscard]] pid_t spawn_process(const child_command& what);

}  // namespace sheaf::detail
