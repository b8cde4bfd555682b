#include "cluster/child_process.hpp"

#include <cerrno>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sheaf::detail {
namespace {

// What a process that has ended had at most. The kernel counts what its parent had when it was started as its own: then
// nothing is known.
std::uint64_t peak_of(const rusage& child) {
    rusage ours{};
    ::getrusage(RUSAGE_SELF, &ours);
    return child.ru_maxrss > ours.ru_maxrss ? static_cast<std::uint64_t>(child.ru_maxrss) : 0;
}

}  // namespace

std::string describe(const exit_report& how) {
    if (how.code == exit_report::unknown) return "ended, nobody knows how";
    if (how.signal == 0) return "exited with status " + std::to_string(how.code);
    const char* const name = ::sigdescr_np(how.signal);
    return "was ended by signal " + std::to_string(how.signal) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

child_process::child_process(const child_command& what) : pid_(spawn_process(what)) {
    // sys/pidfd.h of glibc 2.36 declares pidfd_open as a C++ function, which does not exist.
    watch_ = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (watch_) return;
    const int why = errno;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw std::system_error(why, std::generic_category(), "pidfd_open");
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), watch_(std::move(other.watch_)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(watch_, other.watch_);
    return *this;
}

child_process::~child_process() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void child_process::send_signal(int number) const noexcept {
    if (pid_ > 0) ::kill(pid_, number);
}

void child_process::send_signal_to_group(int number) const noexcept {
    if (pid_ > 0) ::kill(-pid_, number);
}

std::optional<exit_report> child_process::reap() {
    if (pid_ < 0) return std::nullopt;
    int status = 0;
    rusage used{};
    const pid_t reaped = ::wait4(pid_, &status, WNOHANG, &used);
    if (reaped == 0) return std::nullopt;
    pid_ = -1;
    watch_.reset();
    if (reaped < 0) return exit_report{.code = exit_report::unknown};
    if (WIFSIGNALED(status)) return exit_report{.signal = WTERMSIG(status), .peak_kib = peak_of(used)};
    return exit_report{.code = WEXITSTATUS(status), .peak_kib = peak_of(used)};
}

}  // namespace sheaf::detail
