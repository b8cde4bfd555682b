#include "up/sweeper.hpp"

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "up/cluster_ownership.hpp"

namespace sheaf::up {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw runtime_failure({errc::io_error, what + ": " + std::generic_category().message(errno)});
}

// A handle of this process, which becomes readable when all of it has ended and its files are closed. Its parent's end
// would tell a child nothing: others may hold a pipe open, and a parent's death signal comes with the end of a thread.
unique_fd handle_of_this_process() {
    unique_fd handle(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    if (!handle) fail("pidfd_open");
    return handle;
}

// Who reads our output, or waits for the end of a pipe that we have inherited, is not to wait for us.
int keep_only(int descriptor) {
    constexpr int kept = 3;
    const unique_fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), standard);
    if (descriptor != kept) ::dup2(descriptor, kept);
    ::syscall(SYS_close_range, kept + 1, ~0U, 0);
    return kept;
}

[[noreturn]] void sweep_after(int process, const cluster_paths& paths) {
    ::setsid();
    ::prctl(PR_SET_NAME, "sheaf-sweeper");
    pollfd ended{keep_only(process), POLLIN, 0};
    while (::poll(&ended, 1, -1) < 0) {
    }
    try {
        (void)find_cluster(paths);
    } catch (const std::exception&) {  // then the next command that comes removes them, or says why it cannot
    }
    std::_Exit(0);
}

}  // namespace

sweeper::sweeper(const cluster_paths& paths) {
    const unique_fd self = handle_of_this_process();
    process_ = ::fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) sweep_after(self.get(), paths);
}

sweeper::~sweeper() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace sheaf::up
