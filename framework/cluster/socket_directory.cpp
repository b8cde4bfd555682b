#include "cluster/socket_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include "cluster/private_directory.hpp"
#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* socket_name = "s";
constexpr std::string_view name_prefix = "local-";
constexpr const char* name_pattern = "local-XXXXXX";  // of mkdtemp

[[noreturn]] void fail(const std::string& what, int error_number) {
    throw runtime_failure({errc::io_error, what + ": " + std::generic_category().message(error_number) +
                                               ". A local cluster needs a directory of its own for its socket; set "
                                               "XDG_RUNTIME_DIR to one that you may write to"});
}

bool fits(const fs::path& base) {
    const fs::path longest = base / name_pattern / socket_name;
    return longest.native().size() < sizeof(sockaddr_un{}.sun_path);
}

fs::path default_base() {
    const std::string name = "sheaf-" + std::to_string(::getuid());
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime == '/' && ::access(runtime, W_OK | X_OK) == 0 &&
        fits(fs::path(runtime) / name)) {
        return fs::path(runtime) / name;
    }
    return fs::path("/tmp") / name;
}

void lock_or_fail(int descriptor, const fs::path& path) {
    while (::flock(descriptor, LOCK_EX) != 0) {
        if (errno != EINTR) fail("cannot lock " + path.string(), errno);
    }
}

// Under the lock of `base`, or a directory could be taken for stale between its creation and its lock.
void sweep(const fs::path& base) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(base, ignored)) {
        // Runs of map/reduce may keep theirs here, with leases of their own.
        if (!entry.path().filename().native().starts_with(name_prefix)) continue;
        const unique_fd directory(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) continue;
        fs::remove_all(entry.path(), ignored);
    }
}

}  // namespace

socket_directory::socket_directory() : socket_directory(default_base()) {}

socket_directory::socket_directory(const fs::path& base) {
    if (!fits(base)) fail("the path of a socket in " + base.string() + " would be too long", ENAMETOOLONG);
    const unique_fd base_lock =
        open_private_directory(base, "remove it, or set XDG_RUNTIME_DIR to a directory of your own");
    lock_or_fail(base_lock.get(), base);
    sweep(base);
    std::string name = (base / name_pattern).string();
    if (::mkdtemp(name.data()) == nullptr) fail("cannot create a directory in " + base.string(), errno);
    path_ = name;
    lock_ = unique_fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock_) fail("cannot open " + name, errno);
    lock_or_fail(lock_.get(), path_);
}

socket_directory::~socket_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string socket_directory::socket_path() const { return (path_ / socket_name).string(); }

}  // namespace sheaf::detail
