// What sheafd asks of the system for its own process: limits, a user, a life in the background.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace sheaf::apps {

/// A user, and the group that is its own.
struct account {
    uid_t user = 0;
    gid_t group = 0;
};

/// Throws runtime_failure when there is no user of that name.
[[nodiscard]] account find_account(const std::string& name);

/// Each connection is a file descriptor, and the usual soft limit is 1024: raises it to `wanted`, or as far as the system
/// allows. Throws runtime_failure when `wanted` is more than that.
void limit_descriptors(std::optional<std::uint64_t> wanted);

/// Lets a crash leave a core of any size.
void allow_core_dumps();

/// Becomes `user` for good, with its groups. Throws runtime_failure when there is no such user or this is not root's
/// process; nothing happens when the process is the user's already.
void become_user(const std::string& user);

/// The process in the background that serves, seen from inside.
class daemon_life {
  public:
    /// Forks, before any thread exists. The process that was started waits, and ends with 0 when the new one says ready(), or with
    /// its exit code; only the new one, in a session of its own, comes back from here. It keeps the working
    /// directory, to which the paths of its options refer.
    daemon_life();
    ~daemon_life();
    daemon_life(const daemon_life&) = delete;
    daemon_life& operator=(const daemon_life&) = delete;

    /// Lets the process that was started end. Standard input, output and error go nowhere from now on.
    void ready();

  private:
    int ready_ = -1;  ///< a pipe's end
};

/// A file with the process's number, while this lives.
class pid_file {
  public:
    /// An empty path is no file. Throws runtime_failure when it cannot be written.
    explicit pid_file(std::string path);
    ~pid_file();
    pid_file(const pid_file&) = delete;
    pid_file& operator=(const pid_file&) = delete;

  private:
    std::string path_;
};

}  // namespace sheaf::apps
