#include "output/file_steps.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <system_error>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace sheaf::detail {
namespace {

namespace fs = std::filesystem;

// All of `from`, or a stretch of it, behind what `to` has. The errno, or 0.
int append_file(int to, int from, const std::optional<file_range>& range) {
    constexpr std::uint64_t at_once = std::uint64_t{1} << 30;
    off_t at = range ? static_cast<off_t>(range->offset) : 0;
    for (std::uint64_t left = range ? range->length : UINT64_MAX; left != 0;) {
        const ssize_t moved = ::sendfile(to, from, &at, static_cast<std::size_t>(std::min(left, at_once)));
        if (moved == 0) return range ? ENODATA : 0;
        if (moved > 0) left -= static_cast<std::uint64_t>(moved);
        if (moved < 0 && errno != EINTR) return errno;
    }
    return 0;
}

int append_text(int to, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(to, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

}  // namespace

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

basic_result<void, error> join_files(const std::vector<joined_piece>& pieces, const std::string& head,
                                     const fs::path& to) {
    const unique_fd joined(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!joined) return cannot("make the file", to, errno);
    if (const int why = append_text(joined.get(), head); why != 0) return cannot("write", to, why);
    for (const auto& [path, range] : pieces) {
        const unique_fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!from) return cannot("open", path, errno);
        if (const int why = append_file(joined.get(), from.get(), range); why != 0) return cannot("write", to, why);
        if (!range) (void)::unlink(path.c_str());  // its space may be needed for the next
    }
    if (::fsync(joined.get()) != 0) return cannot("write to the disk", to, errno);
    return {};
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
