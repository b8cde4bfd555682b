#include "output/file_steps.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace sheaf::detail {

namespace fs = std::filesystem;

error cannot(const std::string& what, const fs::path& path, int reason) {
    return {errc::io_error, "cannot " + what + " " + path.string() + ": " + std::generic_category().message(reason)};
}

basic_result<void, error> sync_to_disk(const fs::path& path) {
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return cannot("open", path, errno);
    if (::fsync(file.get()) != 0) return cannot("write to the disk", path, errno);
    return {};
}

basic_result<void, error> sync_files(const fs::path& directory, const std::vector<std::string>& files) {
    constexpr std::size_t one_by_one_max = 64;
    const unique_fd whole(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!whole) return cannot("open", directory, errno);
    if (files.size() > one_by_one_max) {
        // Also what others have written there, but in one go: an fsync costs the disk milliseconds, however small its file.
        if (::syncfs(whole.get()) != 0) return cannot("write to the disk", directory, errno);
        return {};
    }
    std::vector<unique_fd> open;
    for (const std::string& file : files) {
        open.emplace_back(::openat(whole.get(), file.c_str(), O_RDONLY | O_CLOEXEC));
        if (!open.back()) return cannot("open", directory / file, errno);
        // Only begins to write, so that the disk has all of them to do at once.
        ::sync_file_range(open.back().get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (::fsync(open[i].get()) != 0) return cannot("write to the disk", directory / files[i], errno);
    }
    if (::fsync(whole.get()) != 0) return cannot("write to the disk", directory, errno);
    return {};
}

// File systems that cannot promise that nothing is replaced get a plain rename, which replaces at most an empty directory, or
// a file that was not there a moment ago.
int rename_to_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (::access(to.c_str(), F_OK) == 0) return EEXIST;
    return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

int exchange_directories(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // The next best: there is none for a moment.
    fs::path aside = from;
    aside += ".aside";
    if (::rename(to.c_str(), aside.c_str()) != 0) return errno;
    if (::rename(from.c_str(), to.c_str()) != 0) {
        const int why = errno;
        (void)::rename(aside.c_str(), to.c_str());
        return why;
    }
    return ::rename(aside.c_str(), from.c_str()) == 0 ? 0 : errno;
}

bool is_run_output(const fs::path& directory) {
    std::error_code why;
    for (fs::directory_iterator at(directory, why), end; !why && at != end; at.increment(why)) {
        std::error_code unknown;
        if (!at->path().filename().native().starts_with("part-") || !at->is_regular_file(unknown)) return false;
    }
    return !why;
}

std::string part_name(std::uint32_t index) {
    char name[24];
    std::snprintf(name, sizeof name, "part-%05u", index);
    return name;
}

}  // namespace sheaf::detail
