// One worker process, and its exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

#include "base/unique_fd.hpp"
#include "cluster/spawn_process.hpp"

namespace sheaf::detail {

/// How a process ended.
struct exit_report {
    /// A code that no process can exit with: it has ended, but somebody else has taken its status.
    static constexpr int unknown = -1;

    int signal = 0;  ///< 0: it exited
    int code = 0;
    std::uint64_t peak_kib = 0;  ///< its memory when that was largest (resident), in KiB; 0: not known
};

/// "exited with status 3", "was ended by signal 11 (Segmentation fault)" or "ended, nobody knows how".
[[nodiscard]] std::string describe(const exit_report& how);

/// A child of this process. Its owner reaps it; the destructor kills what still runs.
class child_process {
  public:
    /// Throws std::system_error.
    explicit child_process(const child_command& what);
    child_process(child_process&& other) noexcept;
    child_process& operator=(child_process&& other) noexcept;
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Becomes readable when the process has ended.
    [[nodiscard]] int descriptor() const noexcept { return watch_.get(); }
    void send_signal(int number) const noexcept;
    /// Also to those that it has started, as far as they are in its process group.
    void send_signal_to_group(int number) const noexcept;
    /// How it ended, if it has; exit_report::unknown when something else in this process waited for it first, as the
    /// kernel does where SIGCHLD is ignored. After that the object is empty.
    [[nodiscard]] std::optional<exit_report> reap();

  private:
    pid_t pid_ = -1;
    unique_fd watch_;
};

}  // namespace sheaf::detail
