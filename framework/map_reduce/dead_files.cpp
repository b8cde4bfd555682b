#include "map_reduce/dead_files.hpp"

#include <algorithm>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

// Whoever makes a file holds a lock on it, and the kernel releases that when the process is gone.
void remove_if_abandoned(const fs::path& path) {
    const unique_fd made(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (made && ::flock(made.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
}

}  // namespace

void remove_dead_files(const fs::path& directory, const std::vector<std::string>& names) {
    std::error_code why;
    for (fs::directory_iterator at(directory, why), end; !why && at != end; at.increment(why)) {
        const std::string name = at->path().filename().string();
        if (std::ranges::any_of(names, [&](const std::string& one) { return name.starts_with(one); })) {
            ::unlink(at->path().c_str());
        } else if (name.ends_with(".tmp")) {
            remove_if_abandoned(at->path());
        }
    }
}

}  // namespace sheaf::detail
