#include "apps/queue_handover.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "apps/sheafd_process.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::apps {
namespace {

namespace fs = std::filesystem;

constexpr const char* queue_files[] = {"jobs.sqlite", "jobs.sqlite-wal", "jobs.sqlite-shm", "jobs.sqlite-journal"};
constexpr const char* copies = "backups";

[[noreturn]] void refuse(std::string what) { throw runtime_failure({errc::invalid_argument, std::move(what)}); }

// As the kernel sees it, which asks for more than the directory's own mode. The child does nothing else.
bool may_make_files(const fs::path& directory, const std::string& user) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            become_user(user);
        } catch (const runtime_failure&) {
            std::_Exit(EXIT_FAILURE);
        }
        std::_Exit(::access(directory.c_str(), R_OK | W_OK | X_OK) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == EXIT_SUCCESS;
}

/// What is at `path` itself, be it a file or a directory. It is only pointed at: a process that opens and closes a file loses the locks
/// that it has on it, and with them the queue is open to others.
class opened {
  public:
    explicit opened(const fs::path& path) : number_(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)) {
        if (number_ >= 0 && ::fstat(number_, &about_) != 0) about_ = {};
    }
    opened(const opened&) = delete;
    opened& operator=(const opened&) = delete;
    ~opened() {
        if (number_ >= 0) ::close(number_);
    }
    /// A file with another name, too, may be a file of somebody else's.
    [[nodiscard]] bool is_file() const { return number_ >= 0 && S_ISREG(about_.st_mode) && about_.st_nlink == 1; }
    [[nodiscard]] bool is_directory() const { return number_ >= 0 && S_ISDIR(about_.st_mode); }
    [[nodiscard]] bool give(const account& to) const {
        return ::fchownat(number_, "", to.user, to.group, AT_EMPTY_PATH) == 0;
    }

  private:
    int number_;
    struct stat about_ {};
};

bool is_copy(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.ends_with(".sqlite") || name.ends_with(".sqlite.unfinished");
}

}  // namespace

queue_handover::queue_handover(fs::path directory, std::string user)
    : directory_(std::move(directory)), user_(std::move(user)) {
    if (::geteuid() != 0) return;
    (void)find_account(user_);
    std::error_code why;
    was_there_ = fs::exists(directory_, why);
    if (!was_there_ || may_make_files(directory_, user_)) return;
    refuse("the user " + user_ + " may not make files in " + directory_.string() +
           ", which sheafd has not made. If that directory is for this queue alone, give it to that user (chown " +
           user_ + " DIRECTORY); or name one with --data-dir that is not there yet.");
}

void queue_handover::give() const {
    if (::geteuid() != 0) return;
    const account wanted = find_account(user_);
    const auto give = [&](const fs::path& path, const opened& what) {
        if (what.give(wanted)) return;
        refuse("cannot give " + path.string() + " to the user " + user_ + ": " + std::strerror(errno));
    };
    const auto give_file = [&](const fs::path& path) {
        if (const opened file(path); file.is_file()) give(path, file);
    };
    for (const char* const name : queue_files) give_file(directory_ / name);
    if (const opened all(directory_ / copies); all.is_directory()) {
        give(directory_ / copies, all);
        for (const auto& one : fs::directory_iterator(directory_ / copies)) {
            if (is_copy(one.path())) give_file(one.path());
        }
    }
    if (const opened all(directory_); !was_there_ && all.is_directory()) give(directory_, all);
}

}  // namespace sheaf::apps
