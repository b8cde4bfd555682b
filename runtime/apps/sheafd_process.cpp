#include "apps/sheafd_process.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::apps {
namespace {

[[noreturn]] void refuse(std::string what) { throw runtime_failure({errc::invalid_argument, std::move(what)}); }

[[noreturn]] void refuse_errno(const std::string& what) { refuse(what + ": " + std::strerror(errno)); }

// What the process that was started does: it ends as the one in the background says, or as that ends.
[[noreturn]] void wait_until_ready(int ready, pid_t child) {
    char byte = 0;
    ssize_t got = 0;
    do {
        got = ::read(ready, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1) std::_Exit(EXIT_SUCCESS);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::_Exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_FAILURE);
}

}  // namespace

account find_account(const std::string& name) {
    std::vector<char> text(16 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    ::getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
    if (found == nullptr) refuse("there is no user \"" + name + "\"; --user takes the name of one.");
    return {found->pw_uid, found->pw_gid};
}

void limit_descriptors(std::optional<std::uint64_t> wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    if (wanted) limit.rlim_max = std::max<rlim_t>(*wanted, limit.rlim_max);
    limit.rlim_cur = wanted ? *wanted : limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
    if (!wanted) return spdlog::warn("the limit of open files could not be raised");
    refuse_errno("--file-descriptors " + std::to_string(*wanted) + " is more than this user may have");
}

void allow_core_dumps() {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    rlimit limit{};
    if (::setrlimit(RLIMIT_CORE, &unlimited) != 0 && ::getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_CORE, &limit);
    }
    ::prctl(PR_SET_DUMPABLE, 1);  // a change of user takes it away
}

void become_user(const std::string& name) {
    const account wanted = find_account(name);
    if (::geteuid() == wanted.user && ::getuid() == wanted.user) return;
    if (::geteuid() != 0) refuse("--user " + name + " needs root: only root may become another user.");
    if (::initgroups(name.c_str(), wanted.group) != 0 || ::setgid(wanted.group) != 0 || ::setuid(wanted.user) != 0) {
        refuse_errno("cannot become the user " + name);
    }
}

daemon_life::daemon_life() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) refuse_errno("cannot make a pipe");
    const pid_t child = ::fork();
    if (child < 0) refuse_errno("cannot go to the background");
    ::close(pipe[child == 0 ? 0 : 1]);
    if (child != 0) wait_until_ready(pipe[0], child);
    ready_ = pipe[1];
    ::setsid();
}

daemon_life::~daemon_life() {
    if (ready_ >= 0) ::close(ready_);
}

void daemon_life::ready() {
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (nothing >= 0) ::dup2(nothing, standard);
    }
    if (nothing > STDERR_FILENO) ::close(nothing);
    const char byte = '!';
    [[maybe_unused]] const auto written = ::write(ready_, &byte, 1);  // nobody waits any more: all the same to us
    ::close(std::exchange(ready_, -1));
}

pid_file::pid_file(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    std::ofstream file(path_);
    file << ::getpid() << '\n';
    file.flush();
    if (file) return;
    refuse("the process id could not be written to " + path_ + ". Name a file that this user may write.");
}

pid_file::~pid_file() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace sheaf::apps
