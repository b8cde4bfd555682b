// A command as a whole process, timed: wall clock, CPU of it and its children, and the memory they held together.
#pragma once

#include <string>
#include <vector>

namespace sheaf::bench {

struct command_cost {
    double wall_seconds = 0;
    double cpu_seconds = 0;
    double peak_mib = 0;  ///< greatest sum of anonymous and shared memory over the process tree, sampled
};

/// Runs `arguments` (the program first) with "NAME=value" lines added to the environment. Its standard output is dropped. Throws
/// std::runtime_error when it fails.
command_cost run_timed(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

}  // namespace sheaf::bench
