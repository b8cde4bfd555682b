#include "cluster/private_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "sheaf/runtime/error.hpp"

namespace sheaf::detail {

unique_fd open_private_directory(const std::filesystem::path& path, std::string_view advice) {
    const auto refuse = [&](const std::string& what) {
        throw runtime_failure({errc::io_error, what + "; " + std::string(advice)});
    };
    const auto refuse_with_errno = [&](const std::string& what) {
        refuse(what + " " + path.string() + ": " + std::generic_category().message(errno));
    };
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) refuse_with_errno("cannot create");
    unique_fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat of {};
    if (!directory || ::fstat(directory.get(), &of) != 0) refuse_with_errno("cannot open");
    if (of.st_uid != ::getuid() || (of.st_mode & 0077) != 0) {
        refuse(path.string() + " belongs to, or is open to, somebody else");
    }
    return directory;
}

}  // namespace sheaf::detail
