#include "store/sqlite_backup.hpp"

#include <fcntl.h>
#include <random>
#include <sqlite3.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include "store/sqlite_schema.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

// A mebibyte, between two commits of the jobs.
constexpr int pages_at_once = 256;

// A server that goes on with the copy must not give numbers that the original has given since: it has lives of its own, at a
// distance that another copy hardly has.
std::int64_t lives_to_skip() { return 1000 + static_cast<std::int64_t>(std::random_device()() % 65536); }

// What SQLite puts beside a copy that it writes, and the copy.
void remove_copy(const fs::path& unfinished) noexcept {
    std::error_code ignored;
    fs::remove(unfinished.native() + "-journal", ignored);
    fs::remove(unfinished, ignored);
}

// Those of servers that were killed: the only one that writes copies there is this one, and it writes one at a time.
void remove_old_copies(const fs::path& directory) {
    std::error_code ignored;
    std::vector<fs::path> old;
    for (auto at = fs::directory_iterator(directory, ignored); at != fs::directory_iterator(); at.increment(ignored)) {
        const std::string name = at->path().filename().string();
        if (name.ends_with(".sqlite.unfinished") || name.ends_with(".sqlite.unfinished-journal")) old.push_back(*at);
    }
    for (const fs::path& one : old) fs::remove(one, ignored);
}

// So that the name of what is in it is on the disk.
void sync_directory(const fs::path& directory) {
    const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    if (!is_synced) throw sqlite_failure(SQLITE_IOERR, "the name of the copy cannot be synced");
}

}  // namespace

void sqlite_backup::closer::operator()(sqlite3_backup* one) const noexcept { sqlite3_backup_finish(one); }

sqlite_backup::sqlite_backup(sqlite_file& source, fs::path target)
    : target_(std::move(target)), unfinished_(target_.string() + ".unfinished") {
    remove_old_copies(target_.parent_path());
    copy_ = std::make_unique<sqlite_file>(open_private(unfinished_));
    copier_.reset(sqlite3_backup_init(copy_->handle(), "main", source.handle(), "main"));
    if (copier_ == nullptr) throw sqlite_failure(SQLITE_ERROR, "the copy cannot be begun");
}

sqlite_backup::~sqlite_backup() {
    if (unfinished_.empty()) return;
    copier_.reset();
    copy_.reset();
    remove_copy(unfinished_);
}

bool sqlite_backup::go_on() {
    const int said = sqlite3_backup_step(copier_.get(), pages_at_once);
    if (said == SQLITE_OK) return false;
    if (said != SQLITE_DONE) throw sqlite_failure(said, sqlite3_errstr(said));
    finish();
    return true;
}

void sqlite_backup::finish() {
    copier_.reset();
    copy_->prepare("UPDATE server SET life = life + ?").bind(1, lives_to_skip()).run();
    mark_closed(*copy_);
    copy_->run("PRAGMA journal_mode = DELETE");  // so that it is one file
    copy_.reset();
    std::error_code why;
    fs::rename(unfinished_, target_, why);
    if (why) throw sqlite_failure(SQLITE_IOERR, "the copy cannot be given its name: " + why.message());
    unfinished_.clear();
    sync_directory(target_.parent_path());
}

std::uint64_t sqlite_backup::bytes() const {
    std::error_code why;
    const auto size = fs::file_size(target_, why);
    return why ? 0 : size;
}

}  // namespace sheaf::store
