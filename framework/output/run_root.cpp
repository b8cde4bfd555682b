#include "output/run_root.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

fs::path temporary_directory() {
    for (const char* name : {"SHEAF_TMPDIR", "TMPDIR"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0') return fs::absolute(value);
    }
    return "/tmp";
}

}  // namespace

basic_result<fs::path, error> run_directories_root() {
    const fs::path root = temporary_directory() / ("sheaf-" + std::to_string(::geteuid()));
    const auto refused = [&](const std::string& why) {
        return error{errc::io_error, "cannot use " + root.string() + " for temporary files: " + why +
                                         "; set SHEAF_TMPDIR to a directory of yours with enough room"};
    };
    if (::mkdir(root.c_str(), 0700) != 0 && errno != EEXIST) return refused(std::generic_category().message(errno));
    struct stat about {};
    if (::lstat(root.c_str(), &about) != 0) return refused(std::generic_category().message(errno));
    // Anybody can make a directory of that name in /tmp.
    if (!S_ISDIR(about.st_mode)) return refused("it is not a directory");
    if (about.st_uid != ::geteuid()) return refused("it belongs to another user");
    if ((about.st_mode & 022) != 0) return refused("others may write to it");
    return root;
}

}  // namespace sheaf::detail
