#include "up/cluster_ownership.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "cluster/private_directory.hpp"

namespace sheaf::up {
namespace {

namespace fs = std::filesystem;

constexpr off_t owner_byte = 0;
constexpr off_t files_byte = 1;

// Nobody has reason to hold the files' byte for longer than some unlinks take.
constexpr std::chrono::milliseconds files_patience{5000};
constexpr std::chrono::milliseconds look_again{2};

[[noreturn]] void fail(const std::string& what) {
    throw runtime_failure({errc::io_error, what + ": " + std::generic_category().message(errno)});
}

struct flock one_byte(short type, off_t byte) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return lock;
}

bool try_lock(const unique_fd& file, off_t byte) {
    struct flock lock = one_byte(F_WRLCK, byte);
    if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return true;
    if (errno != EAGAIN && errno != EACCES) fail("the cluster's lock file cannot be locked");
    return false;
}

void unlock(const unique_fd& file, off_t byte) {
    struct flock lock = one_byte(F_UNLCK, byte);
    ::fcntl(file.get(), F_OFD_SETLK, &lock);
}

bool has_owner(const unique_fd& file) {
    struct flock lock = one_byte(F_WRLCK, owner_byte);
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) != 0) fail("the cluster's lock file cannot be looked at");
    return lock.l_type != F_UNLCK;
}

// Holds the files' byte of `file`.
class files_guard {
  public:
    files_guard(const unique_fd& file, const fs::path& path) : file_(file) {
        const auto give_up = std::chrono::steady_clock::now() + files_patience;
        while (!try_lock(file_, files_byte)) {
            if (std::chrono::steady_clock::now() >= give_up) {
                throw runtime_failure({errc::timeout, "another sheaf command holds " + path.string() +
                                                          " for seconds; is one stopped? End it, and try again"});
            }
            std::this_thread::sleep_for(look_again);
        }
    }
    ~files_guard() { unlock(file_, files_byte); }
    files_guard(const files_guard&) = delete;
    files_guard& operator=(const files_guard&) = delete;

  private:
    const unique_fd& file_;
};

// Whether `file` is still the one at `path`: it may have been removed before we locked it.
bool is_current(const unique_fd& file, const fs::path& path) {
    struct stat ours {};
    struct stat there {};
    return ::fstat(file.get(), &ours) == 0 && ::lstat(path.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

// Under the files' byte, and while nobody else is the owner.
void remove_files(const cluster_paths& paths) {
    for (const fs::path& one : {paths.server_socket(), paths.control_socket(), paths.state,
                                fs::path(paths.state.string() + ".new"), paths.lock}) {
        ::unlink(one.c_str());
    }
    if (paths.sockets != paths.directory) ::rmdir(paths.sockets.c_str());
    ::rmdir(paths.directory.c_str());  // stays when there is a log in it
}

constexpr const char* advice = "remove it, or set XDG_STATE_HOME to a directory of your own";

void make_directories(const cluster_paths& paths) {
    std::error_code fault;
    fs::create_directories(paths.directory.parent_path(), fault);
    detail::open_private_directory(paths.directory, advice);
    if (paths.sockets == paths.directory) return;
    detail::open_private_directory(paths.sockets.parent_path(), advice);
    detail::open_private_directory(paths.sockets, advice);
}

unique_fd open_lock(const cluster_paths& paths, int flags) {
    return unique_fd(::open(paths.lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
}

}  // namespace

basic_result<cluster_ownership> cluster_ownership::take(const cluster_paths& paths) {
    for (;;) {
        make_directories(paths);
        unique_fd lock = open_lock(paths, O_CREAT);
        if (!lock && errno == ENOENT) continue;  // an owner has just removed the directory
        if (!lock) fail("cannot open " + paths.lock.string());
        const files_guard guard(lock, paths.lock);
        if (!is_current(lock, paths.lock)) continue;
        if (!try_lock(lock, owner_byte)) return error{errc::cancelled, "another process runs this cluster"};
        for (const fs::path& one : {paths.server_socket(), paths.control_socket(), paths.state}) ::unlink(one.c_str());
        return cluster_ownership(paths, unique_fd(::fcntl(lock.get(), F_DUPFD_CLOEXEC, 0)));
    }
}

cluster_ownership::cluster_ownership(cluster_paths paths, unique_fd lock)
    : paths_(std::move(paths)), lock_(std::move(lock)) {}

cluster_ownership::~cluster_ownership() {
    if (!lock_) return;
    try {
        const files_guard guard(lock_, paths_.lock);
        remove_files(paths_);
    } catch (const runtime_failure&) {  // then the next one who comes removes them
    }
}

presence find_cluster(const cluster_paths& paths) {
    for (;;) {
        const unique_fd lock = open_lock(paths, 0);
        if (!lock && (errno == ENOENT || errno == ENOTDIR)) return presence::absent;
        if (!lock) fail("cannot open " + paths.lock.string());
        if (has_owner(lock)) return presence::up;
        const files_guard guard(lock, paths.lock);
        if (!is_current(lock, paths.lock)) continue;
        if (has_owner(lock)) return presence::up;
        remove_files(paths);
        return presence::swept;
    }
}

}  // namespace sheaf::up
