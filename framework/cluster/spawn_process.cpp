#include "cluster/spawn_process.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace sheaf::detail {
namespace {

constexpr int exit_not_started = 127;

void check(bool succeeded, const std::string& what) {
    if (!succeeded) throw std::system_error(errno, std::generic_category(), what);
}

// A copy that cannot be in the way of the numbers that the child wants, which are below `from`.
unique_fd out_of_the_way(int descriptor, int from) {
    unique_fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, from));
    check(static_cast<bool>(copy), "a descriptor cannot be duplicated");
    return copy;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));  // execve's wish
    result.push_back(nullptr);
    return result;
}

// All that the child needs, made before there is a child.
struct preparation {
    struct place {
        unique_fd copy;
        int number;
    };

    explicit preparation(const child_command& what)
        : program(what.program.c_str()), arguments(pointers(what.arguments)), environment(pointers(what.environment)) {
        int free = STDERR_FILENO + 1;
        for (const placed_descriptor& one : what.descriptors) free = std::max(free, one.theirs + 1);
        for (const placed_descriptor& one : what.descriptors) {
            places.push_back({out_of_the_way(one.ours, free), one.theirs});
        }
        int ends[2];
        check(::pipe2(ends, O_CLOEXEC) == 0, "pipe2");
        fault = unique_fd(ends[0]);
        const unique_fd other_end(ends[1]);
        tell_fault = out_of_the_way(other_end.get(), free);
    }

    const char* program;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::vector<place> places;
    pid_t parent = ::getpid();
    unique_fd fault;       ///< where the child says which errno kept it from becoming the program; else it is closed
    unique_fd tell_fault;  ///< the child's end
};

void forget_signal_handlers() {
    struct sigaction how {};
    how.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) ::sigaction(number, &how, nullptr);
}

bool set_descriptors(const preparation& with) {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0) return false;
    if (::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return false;
    for (const preparation::place& one : with.places) {
        if (::dup2(one.copy.get(), one.number) < 0) return false;  // the child keeps what it gets by dup2
    }
    return true;
}

// What the child does. It has our memory until it executes the program, and may call nothing that takes a lock.
[[noreturn]] void become_program(const preparation& with) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != with.parent) ::_exit(exit_not_started);  // it has ended before
    forget_signal_handlers();
    ::setpgid(0, 0);
    if (set_descriptors(with)) {
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        ::execve(with.program, with.arguments.data(), with.environment.data());
    }
    const int why = errno;
    (void)!::write(with.tell_fault.get(), &why, sizeof why);
    ::_exit(exit_not_started);
}

// vfork, and not fork, which takes long in a program with much memory. Our own signal handlers must not run in the child.
pid_t start_child(const preparation& with) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t child = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
    if (child == 0) become_program(with);
    const int why = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = why;
    return child;
}

}  // namespace

pid_t spawn_process(const child_command& what) {
    preparation with(what);
    const pid_t child = start_child(with);
    check(child > 0, "vfork");
    with.tell_fault.reset();
    int why = 0;
    ssize_t size = 0;
    do {
        size = ::read(with.fault.get(), &why, sizeof why);
    } while (size < 0 && errno == EINTR);
    if (size == ssize_t{sizeof why}) {
        ::waitpid(child, nullptr, 0);
        errno = why;
        check(false, "cannot start " + what.arguments.front() + " (" + what.program + ")");  // either may be known
    }
    return child;
}

}  // namespace sheaf::detail
