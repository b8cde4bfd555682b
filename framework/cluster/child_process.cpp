#include "cluster/child_process.hpp"

#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sheaf::detail {
namespace {

void check(int error, const std::string& what) {
    if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

// Owns the two opaque arguments of posix_spawn.
class spawn_settings {
  public:
    spawn_settings() {
        check(::posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
        check(::posix_spawnattr_init(&attributes), "posix_spawnattr_init");
    }
    ~spawn_settings() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    spawn_settings(const spawn_settings&) = delete;
    spawn_settings& operator=(const spawn_settings&) = delete;

    void set_process_group_and_signals() {
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        check(::posix_spawnattr_setpgroup(&attributes, 0), "posix_spawnattr_setpgroup");
        check(::posix_spawnattr_setsigmask(&attributes, &none), "posix_spawnattr_setsigmask");
        check(::posix_spawnattr_setsigdefault(&attributes, &all), "posix_spawnattr_setsigdefault");
        check(::posix_spawnattr_setflags(&attributes,
                                         POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF),
              "posix_spawnattr_setflags");
    }

    void set_descriptors(int board, int lifeline) {
        check(::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "addopen");
        check(::posix_spawn_file_actions_adddup2(&actions, board, board_descriptor), "adddup2");
        check(::posix_spawn_file_actions_adddup2(&actions, lifeline, lifeline_descriptor), "adddup2");
        check(::posix_spawn_file_actions_addclosefrom_np(&actions, lifeline_descriptor + 1), "addclosefrom");
    }

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

// A copy that cannot be in the way of the numbers that the child wants.
unique_fd out_of_the_way(int descriptor) {
    unique_fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, lifeline_descriptor + 1));
    if (!copy) throw std::system_error(errno, std::generic_category(), "a descriptor cannot be duplicated");
    return copy;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));  // posix_spawn's wish
    result.push_back(nullptr);
    return result;
}

}  // namespace

std::string describe(const exit_report& how) {
    if (how.code == exit_report::unknown) return "ended, nobody knows how";
    if (how.signal == 0) return "exited with status " + std::to_string(how.code);
    const char* const name = ::sigdescr_np(how.signal);
    return "was ended by signal " + std::to_string(how.signal) +
           (name != nullptr ? " (" + std::string(name) + ")" : "");
}

child_process::child_process(const child_command& what) {
    const unique_fd board = out_of_the_way(what.board);
    const unique_fd lifeline = out_of_the_way(what.lifeline);
    spawn_settings settings;
    settings.set_process_group_and_signals();
    settings.set_descriptors(board.get(), lifeline.get());
    auto arguments = pointers(what.arguments);
    auto environment = pointers(what.environment);
    check(::posix_spawn(&pid_, what.program.c_str(), &settings.actions, &settings.attributes, arguments.data(),
                        environment.data()),
          "cannot start " + what.arguments.front() + " (" + what.program + ")");  // either may be what a person knows
    // sys/pidfd.h of glibc 2.36 declares pidfd_open as a C++ function, which does not exist.
    watch_ = unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!watch_) {
        const int why = errno;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        check(why, "pidfd_open");
    }
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

std::optional<exit_report> child_process::reap() {
    if (pid_ < 0) return std::nullopt;
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0) return std::nullopt;
    pid_ = -1;
    watch_.reset();
    if (reaped < 0) return exit_report{.code = exit_report::unknown};
    if (WIFSIGNALED(status)) return exit_report{.signal = WTERMSIG(status)};
    return exit_report{.code = WEXITSTATUS(status)};
}

}  // namespace sheaf::detail
