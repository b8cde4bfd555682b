#include "store/file_pair.hpp"

#include <optional>
#include <string>
#include <system_error>

#include "store/job_file_refusals.hpp"
#include "store/log_check.hpp"
#include "store/sqlite_file.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t page_bytes = 4096;

// 0 when there is none.
std::uintmax_t bytes_of(const fs::path& path) {
    std::error_code why;
    const auto bytes = fs::file_size(path, why);
    return why ? 0 : bytes;
}

bool is_there(const fs::path& path) {
    std::error_code why;
    return fs::exists(path, why);
}

struct header {
    std::int64_t application = 0;
    std::int64_t version = 0;
};

// Through SQLite, since locks are lost when a process closes a file by itself that it has open there, too.
std::optional<header> header_of(const fs::path& path) {
    if (bytes_of(path) == 0) return std::nullopt;
    try {
        sqlite_file file = sqlite_file::without_log(path.string());
        return header{.application = file.number("PRAGMA application_id"),
                      .version = file.number("PRAGMA user_version")};
    } catch (const sqlite_failure&) {
        return std::nullopt;  // it is found out later what is wrong with it
    }
}

// The first page is on the disk before there is a log: so a first start that was cut off is not the reason.
[[noreturn]] void refuse_without_file(const fs::path& path) {
    const std::string log = log_of(path).string();
    refuse_job_file(path, std::string(is_there(path) ? "it is empty" : "it is not there") + ", but its log " + log +
                              " is there, and holds jobs. Put the file that belongs to this log in its place again, or "
                              "move the log away, too, to begin with an empty queue.");
}

[[noreturn]] void refuse_without_log(const fs::path& path) {
    const std::string log = log_of(path).string();
    refuse_job_file(path,
                    "its server has not closed it, so its log " + log +
                        " belongs to it, which is not there. Put the log beside it again. If it is lost for good, "
                        "or another program has written it back into the file, an empty file of that name lets "
                        "the server start with what there is.");
}

// What another program has left half done is undone by whoever opens its file, which would be a change.
bool is_half_done_elsewhere(const fs::path& path, const header& of) {
    if (bytes_of(journal_of(path)) == 0 || of.application == job_file_application) return false;
    return of.application != 0 || bytes_of(path) > page_bytes;  // or else a first start of ours
}

bool is_open_without_log(const fs::path& path) {
    const std::optional<header> found = header_of(path);
    return found && found->application == job_file_application && is_marked_open(found->version) &&
           !is_there(log_of(path));
}

}  // namespace

bool require_pair(const fs::path& path) {
    if (bytes_of(path) == 0 && bytes_of(log_of(path)) != 0) refuse_without_file(path);
    const std::optional<header> found = header_of(path);
    if (!found) return false;
    if (is_half_done_elsewhere(path, *found)) {
        refuse_job_file(path, "it is a database of another program. Name another directory, or move the file away.");
    }
    // Another server may be about to close it: the mark goes before the log does.
    if (is_open_without_log(path) && is_open_without_log(path)) refuse_without_log(path);
    return found->application == job_file_application && is_marked_open(found->version);
}

}  // namespace sheaf::store
