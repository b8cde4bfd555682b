#include "store/sqlite_backup.hpp"

#include <random>
#include <sqlite3.h>
#include <string>
#include <system_error>
#include <utility>

#include "store/sqlite_schema.hpp"

namespace sheaf::store {
namespace {

namespace fs = std::filesystem;

// A mebibyte, between two commits of the jobs.
constexpr int pages_at_once = 256;

// A server that goes on with the copy must not give numbers that the original has given since: it has lives of its own, at a
// distance that another copy hardly has.
std::int64_t lives_to_skip() { return 1000 + static_cast<std::int64_t>(std::random_device()() % 65536); }

}  // namespace

void sqlite_backup::closer::operator()(sqlite3_backup* one) const noexcept { sqlite3_backup_finish(one); }

sqlite_backup::sqlite_backup(sqlite_file& source, fs::path target)
    : target_(std::move(target)), unfinished_(target_.string() + ".unfinished") {
    std::error_code ignored;
    fs::remove(unfinished_, ignored);
    copy_ = std::make_unique<sqlite_file>(open_private(unfinished_));
    copier_.reset(sqlite3_backup_init(copy_->handle(), "main", source.handle(), "main"));
    if (copier_ == nullptr) throw sqlite_failure(SQLITE_ERROR, "the copy cannot be begun");
}

sqlite_backup::~sqlite_backup() {
    if (copier_ == nullptr) return;
    copier_.reset();
    copy_.reset();
    std::error_code ignored;
    fs::remove(unfinished_, ignored);
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
}

std::uint64_t sqlite_backup::bytes() const {
    std::error_code why;
    const auto size = fs::file_size(target_, why);
    return why ? 0 : size;
}

}  // namespace sheaf::store
