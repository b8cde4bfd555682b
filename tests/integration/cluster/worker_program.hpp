// `sheaf worker` with a program, started for one test.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include "support/eventually.hpp"
#include "support/process.hpp"

namespace sheaf::test {

/// The processes whose parent is `parent`.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> all;
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(parent) + "/task", gone)) {
        std::ifstream file(thread.path() / "children");
        for (pid_t child = 0; file >> child;) all.push_back(child);
    }
    return all;
}

/// A process that is not ours, whose end a test waits for.
class other_process {
  public:
    explicit other_process(pid_t pid) : watch_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
    /// Whether it ends within `limit`.
    [[nodiscard]] bool ends(std::chrono::milliseconds limit) const {
        return !watch_ || deadline(limit).wait(watch_.get(), POLLIN);
    }

  private:
    unique_fd watch_;  // none: it had ended already
};

class worker_program {
  public:
    /// Returns when all processes are ready.
    explicit worker_program(const std::string& servers, const std::string& name, unsigned processes = 2)
        : child_({program("sheaf"), "worker", "--server", servers, "--workers", std::to_string(processes), "--grace",
                  "0.2", program(name)}) {
        const std::string line = child_.read_line().value_or("");
        if (!line.starts_with("sheaf worker ready: " + std::to_string(processes))) {
            throw peer_failure("not a ready line: \"" + line + "\"; " + child_.error_output());
        }
    }
    [[nodiscard]] process& child() noexcept { return child_; }

  private:
    process child_;
};

}  // namespace sheaf::test
