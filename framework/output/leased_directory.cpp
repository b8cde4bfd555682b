// Making, sweeping and removing leased directories.
//
// The order of steps makes each of them safe to be killed after:
// - A directory without a lock file is being made; a sweep only tries rmdir, which fails unless it is still empty, and
//   the maker starts over when it finds its directory gone.
// - Whoever holds the lock owns the directory. A maker that gets the lock of a file that a sweep has unlinked starts over.
// - The lock file is removed last, so that a removal that was interrupted can be finished by the next sweep.
#include "output/leased_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* lock_name = "lock";
constexpr const char* keep_name = "keep";

std::string reason(int number) { return std::generic_category().message(number); }

// Everything below `directory`, then the lock, then itself.
void remove_tree(const fs::path& directory) {
    std::error_code ignored;
    for (fs::directory_iterator at(directory, ignored), end; !ignored && at != end; at.increment(ignored)) {
        std::error_code left_for_later;
        if (at->path().filename() != lock_name) fs::remove_all(at->path(), left_for_later);
    }
    fs::remove(directory / lock_name, ignored);
    fs::remove(directory, ignored);
}

bool is_own_directory(const fs::path& path) {
    struct stat about {};
    return ::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == ::geteuid();
}

bool still_linked(int file) {
    struct stat about {};
    return ::fstat(file, &about) == 0 && about.st_nlink > 0;
}

// The lock's descriptor, or -1 when the directory has been swept away meanwhile, with errno ENOENT; or another errno.
int take_lock(const fs::path& directory) {
    const int lock = ::open((directory / lock_name).c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) return -1;
    const bool locked = ::flock(lock, LOCK_EX | LOCK_NB) == 0;
    if (locked && still_linked(lock)) return lock;
    const int why = locked || errno == EWOULDBLOCK ? ENOENT : errno;
    ::close(lock);
    errno = why;
    return -1;
}

// Whether somebody may want to go on with what is in it.
bool is_kept(const fs::path& directory) {
    struct stat about {};
    if (::lstat((directory / keep_name).c_str(), &about) != 0 || ::lstat(directory.c_str(), &about) != 0) return false;
    const auto changed = std::chrono::system_clock::from_time_t(about.st_mtime);
    return std::chrono::system_clock::now() - changed < leased_directory::kept_for;
}

// Whether the owner of `directory` was gone, and with it the directory.
bool remove_abandoned(const fs::path& directory) {
    const int lock = ::open((directory / lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0) return ::rmdir(directory.c_str()) == 0;
    const bool abandoned = ::flock(lock, LOCK_EX | LOCK_NB) == 0 && still_linked(lock) && !is_kept(directory);
    if (abandoned) remove_tree(directory);
    ::close(lock);
    return abandoned;
}

}  // namespace

basic_result<leased_directory, error> leased_directory::make(const fs::path& parent, std::string_view prefix,
                                                             std::string_view id, mode_t mode) {
    const fs::path path = parent / (std::string(prefix) + std::string(id));
    for (int attempts_left = 100; attempts_left > 0; --attempts_left) {
        if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) break;
        const int lock = take_lock(path);
        if (lock >= 0) return leased_directory(path, lock);
        if (errno != ENOENT) break;
    }
    const int why = errno;
    ::rmdir(path.c_str());
    return error{errc::io_error, "cannot make the directory " + path.string() + ": " + reason(why)};
}

std::optional<leased_directory> leased_directory::take_over(const fs::path& path) {
    if (!is_own_directory(path)) return std::nullopt;
    const int lock = ::open((path / lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0) return std::nullopt;
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0 && still_linked(lock)) return leased_directory(path, lock);
    ::close(lock);
    return std::nullopt;
}

void leased_directory::keep_when_killed() const {
    const int file = ::open((path_ / keep_name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0) ::close(file);
}

void leased_directory::leave() noexcept {
    if (lock_ >= 0) ::close(std::exchange(lock_, -1));
}

std::size_t leased_directory::sweep(const fs::path& parent, std::string_view prefix) {
    std::size_t removed = 0;
    std::error_code why;
    for (fs::directory_iterator at(parent, why), end; !why && at != end; at.increment(why)) {
        if (!at->path().filename().native().starts_with(prefix) || !is_own_directory(at->path())) continue;
        if (remove_abandoned(at->path())) ++removed;
    }
    return removed;
}

leased_directory::~leased_directory() {
    if (lock_ < 0) return;
    // If the process is killed in the middle of this, nobody is to wait for what is left.
    ::unlink((path_ / keep_name).c_str());
    // Attempts that are still running may be making files in it; under another name they cannot.
    fs::path gone = path_;
    gone += ".gone";
    remove_tree(::rename(path_.c_str(), gone.c_str()) == 0 ? gone : path_);
    ::close(lock_);
}

}  // namespace sheaf::detail
