// Starting a process that dies with the thread that started it.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace sheaf::detail {

/// The descriptors under which a worker finds what it shares with its supervisor.
inline constexpr int board_descriptor = 3;
inline constexpr int lifeline_descriptor = 4;

/// What to start. The child gets a process group of its own (a terminal's Ctrl-C does not reach it), no signal blocked or
/// ignored, an empty standard input, our standard output, and no other descriptors than are named here.
struct child_command {
    std::string program;                   ///< a path; it is not looked up
    std::vector<std::string> arguments;    ///< the program's name first
    std::vector<std::string> environment;  ///< all of it, "NAME=value" each
    int board = -1;                        ///< becomes board_descriptor
    int lifeline = -1;                     ///< becomes lifeline_descriptor
    int errors = -1;                       ///< becomes its standard error; -1: it has ours
};

/// Starts it. The kernel sends it SIGKILL when the calling thread ends, however that comes about, and whatever the program is
/// (posix_spawn cannot ask for that). Throws std::system_error, also when the program cannot be executed.
[[nodiscard]] pid_t spawn_process(const child_command& what);

}  // namespace sheaf::detail
