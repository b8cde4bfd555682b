// Staging and publishing a run's output.
#include "output/output_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

error cannot(const std::string& what, const fs::path& path, int reason) {
    return {errc::io_error, "cannot " + what + " " + path.string() + ": " + std::generic_category().message(reason)};
}

error exists_already(const fs::path& path) {
    return {errc::invalid_argument,
            "the output directory " + path.string() + " exists already: remove it, or name another"};
}

std::string part_name(std::uint32_t partition) {
    char name[24];
    std::snprintf(name, sizeof name, "part-%05u", partition);
    return name;
}

basic_result<void, error> sync_to_disk(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return cannot("open", path, errno);
    const int failed = ::fsync(file) == 0 ? 0 : errno;
    ::close(file);
    if (failed != 0) return cannot("write to the disk", path, failed);
    return {};
}

// Without replacing anything. File systems that cannot promise that get a plain rename, which replaces at most an empty
// directory.
int rename_to_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

basic_result<output_directory, error> output_directory::prepare(const std::string& name, const std::string& run_id) {
    std::error_code why;
    fs::path path = fs::absolute(name, why).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // it ended in a slash
    if (name.empty() || why || !path.has_filename()) {
        return error{errc::invalid_argument,
                     "\"" + name + "\" cannot be an output directory: give the name of one to make"};
    }
    struct stat about {};
    if (::lstat(path.c_str(), &about) == 0) return exists_already(path);
    if (errno != ENOENT) return cannot("make the output directory", path, errno);

    const std::string prefix = "." + path.filename().string() + ".sheaf-";
    leased_directory::sweep(path.parent_path(), prefix);
    auto staging = leased_directory::make(path.parent_path(), prefix, run_id, 0777);
    if (!staging) return staging.error();
    output_directory made(std::move(path), std::move(*staging));
    if (::mkdir(made.parts().c_str(), 0777) != 0) return cannot("make the directory", made.parts(), errno);
    return made;
}

basic_result<void, error> output_directory::accept(std::uint32_t partition, const std::string& file) {
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos) {
        return error{errc::malformed, "a worker named \"" + file + "\" as its output file, which is no file name"};
    }
    std::string part = part_name(partition);
    const fs::path from = staging() / file;
    if (::rename(from.c_str(), (parts() / part).c_str()) != 0) return cannot("take over the output file", from, errno);
    files_.push_back(std::move(part));
    return {};
}

basic_result<std::vector<std::string>, error> output_directory::publish() {
    std::ranges::sort(files_);
    for (const std::string& file : files_) {
        if (auto done = sync_to_disk(parts() / file); !done) return done.error();
    }
    if (auto done = sync_to_disk(parts()); !done) return done.error();
    if (const int failed = rename_to_new(parts(), final_); failed != 0) {
        return failed == EEXIST || failed == ENOTEMPTY ? exists_already(final_)
                                                       : cannot("give the output its final name,", final_, failed);
    }
    // Only the name's durability hangs on this, and the output is there for everybody to see: not worth failing for.
    (void)sync_to_disk(final_.parent_path());
    return std::move(files_);
}

}  // namespace sheaf::detail
